"""Free slots take the best jobs: woken by admissions, by slots that become free, and by a poll."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import structlog

from services.generator.models import ClaimedJob
from services.generator.service import events
from services.generator.service.outages import Outages
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.database.transient import is_transient

_STOP_SECONDS: Final = 5.0
_LATE: Final = 0.005

log = structlog.get_logger(__name__)


class Claims(Protocol):
    """Where jobs are taken from."""

    async def take(self, slots: int) -> Sequence[ClaimedJob]: ...


Begin = Callable[[ClaimedJob, "Claimer"], None]
"""Starts a claimed job, which owes its claimer the slot: `release`."""


class JobClaims:
    """Claims jobs of these generators in the name of one worker.

    Right after an outage of the database it takes over none: their workers are about to renew.
    """

    def __init__(
        self,
        generators: Sequence[str],
        open_unit_of_work: OpenUnitOfWork,
        *,
        worker: str,
        lease: timedelta,
        clock: Clock,
        outages: Outages | None = None,
    ) -> None:
        self._generators = tuple(generators)
        self._open = open_unit_of_work
        self._worker = worker
        self._lease = lease
        self._clock = clock
        self._outages = outages or Outages(timedelta(0))

    async def take(self, slots: int) -> Sequence[ClaimedJob]:
        """Up to so many, in one transaction, with a word about those that were taken over."""
        if not self._generators:
            return []
        held_until = time.monotonic() + self._lease.total_seconds()
        async with self._outages.watching(), self._open() as work:
            jobs = await work.claims.claim(
                self._generators,
                slots=slots,
                worker=self._worker,
                lease=self._lease,
                lost=events.WORKER_LOST,
                take_over=self._outages.over,
            )
            now = self._clock.now()
            await work.outbox.add(filter(None, (events.taken_over(job, now) for job in jobs)))
        return [replace(job, held_until=held_until) for job in jobs]


class Claimer:
    """The slots of one kind, filled as long as there is work."""

    def __init__(self, claims: Claims, slots: int, begin: Begin, poll: timedelta) -> None:
        self._claims = claims
        self._free = slots
        self._begin = begin
        self._poll = poll.total_seconds()
        self._dry = False
        self._closing = False
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin claiming, in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="claimer")

    async def stop(self) -> None:
        """Claim no more; what was claimed is begun."""
        self._closing = True
        self._woken.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_STOP_SECONDS)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def wake(self) -> None:
        """There may be work."""
        self._dry = False
        self._woken.set()

    def wake_in(self, delay: timedelta) -> None:
        """There will be work then: a job is to be tried again."""
        asyncio.get_running_loop().call_later(delay.total_seconds() + _LATE, self.wake)

    def release(self) -> None:
        """A slot is free again; if there was not enough work for all, there still is not."""
        self._free += 1
        if not self._dry:
            self._woken.set()

    async def _run(self) -> None:
        while not self._closing:
            self._woken.clear()
            if self._free > 0:
                try:
                    await self._claim(self._free)
                except Exception as error:
                    report = log.warning if is_transient(error) else log.exception
                    report("claiming.failed", error=repr(error))
            try:
                async with asyncio.timeout(self._poll):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _claim(self, slots: int) -> None:
        jobs = await self._claims.take(slots)
        self._dry = len(jobs) < slots
        for job in jobs:
            self._free -= 1
            self._begin(job, self)
