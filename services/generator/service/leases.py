"""Keeping the leases of the jobs in hand, and hearing who wants one of them stopped."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from services.generator.models import Cause, JobKey
from services.generator.service.held import HeldLeases
from services.generator.service.running import JobsInHand, StopReason
from services.generator.unit_of_work import OpenUnitOfWork
from shared.periodic import Periodic

_AGAIN = timedelta(seconds=1)


class LeaseKeeper:
    """The heartbeat: every third of a lease, one statement for all jobs of this process.

    A job that does not come back is not ours any more: its attempt is stopped, its result thrown
    away. While the database is away attempts go on. When it is back, whoever is first decides: a
    lease that nobody has taken over is renewed, however long ago it expired.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        jobs: JobsInHand,
        held: HeldLeases,
        lease: timedelta,
    ) -> None:
        self._open = open_unit_of_work
        self._jobs = jobs
        self._held = held
        self._lease = lease
        self._beat = Periodic("heartbeat", self.beat, lease / 3)
        held.doubt = self.beat_soon

    def start(self) -> None:
        """Begin beating."""
        self._beat.start()

    async def stop(self) -> None:
        """Stop: leases expire from here on."""
        await self._beat.stop()

    def beat_soon(self) -> None:
        """Somebody wants something stopped, or a lease is in doubt: do not wait for the next."""
        self._beat.wake()

    async def beat(self) -> None:
        """Renew, and stop what is lost or not wanted."""
        keys = self._jobs.keys
        if not keys:
            return
        asked = self._held.now()
        try:
            async with self._open() as work:
                renewed = await work.leases.renew(keys, self._lease)
        except Exception:
            asyncio.get_running_loop().call_later(_AGAIN.total_seconds(), self.beat_soon)
            raise
        for key in keys:
            self._stop_unless_ours(key, renewed)
        self._held.renew(renewed, asked + self._lease.total_seconds())

    def _stop_unless_ours(self, key: JobKey, renewed: Mapping[JobKey, Cause | None]) -> None:
        if key not in renewed:
            self._jobs.stop(key, StopReason.LOST)
        elif (cause := renewed[key]) is not None:
            canceled = cause is Cause.CANCELED
            self._jobs.stop(key, StopReason.CANCELED if canceled else StopReason.OVERDUE)
