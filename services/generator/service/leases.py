"""Keeping the leases of the jobs in hand, and hearing who wants one of them stopped."""

from datetime import timedelta

import structlog

from services.generator.service.running import JobsInHand, StopReason
from services.generator.unit_of_work import OpenUnitOfWork
from shared.periodic import Periodic

log = structlog.get_logger(__name__)


class LeaseKeeper:
    """The heartbeat: every third of a lease, one statement for all jobs of this process.

    A job that does not come back is not ours any more: its attempt is stopped, its result thrown
    away. While the database is away attempts go on; whether they were lost is seen afterwards.
    """

    def __init__(
        self, open_unit_of_work: OpenUnitOfWork, jobs: JobsInHand, lease: timedelta
    ) -> None:
        self._open = open_unit_of_work
        self._jobs = jobs
        self._lease = lease
        self._beat = Periodic("heartbeat", self.beat, lease / 3)

    def start(self) -> None:
        """Begin beating."""
        self._beat.start()

    async def stop(self) -> None:
        """Stop: leases expire from here on."""
        await self._beat.stop()

    def beat_soon(self) -> None:
        """Somebody wants something stopped: do not wait for the next beat."""
        self._beat.wake()

    async def beat(self) -> None:
        """Renew, and stop what is lost or canceled."""
        held = self._jobs.keys
        if not held:
            return
        async with self._open() as work:
            renewed = await work.leases.renew(held, self._lease)
        for key in held:
            if key not in renewed:
                self._jobs.stop(key, StopReason.LOST)
            elif renewed[key]:
                self._jobs.stop(key, StopReason.CANCELED)
