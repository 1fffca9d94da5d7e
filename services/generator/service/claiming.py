"""Free slots take the best jobs: woken by admissions, by slots that become free, and by a poll."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import structlog

from services.generator.models import ClaimedJob
from services.generator.service import events
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.database.transient import is_transient

Begin = Callable[[ClaimedJob, "Claimer"], None]
"""Starts a claimed job, which owes its claimer the slot: `release`."""

_STOP_SECONDS: Final = 5.0
_LATE: Final = 0.005

log = structlog.get_logger(__name__)


class Claimer:
    """The slots of one kind, and the jobs of the generators that need that kind."""

    def __init__(
        self,
        generators: Sequence[str],
        slots: int,
        *,
        open_unit_of_work: OpenUnitOfWork,
        begin: Begin,
        worker: str,
        lease: timedelta,
        poll: timedelta,
        clock: Clock,
    ) -> None:
        self._generators = tuple(generators)
        self._free = slots
        self._open = open_unit_of_work
        self._begin = begin
        self._worker = worker
        self._lease = lease
        self._poll = poll
        self._clock = clock
        self._dry = False
        self._closing = False
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin claiming, if there is anything to claim."""
        if self._task is None and self._generators and self._free:
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
                    await self._claim()
                except Exception as error:
                    report = log.warning if is_transient(error) else log.exception
                    report("claiming.failed", error=repr(error))
            try:
                async with asyncio.timeout(self._poll.total_seconds()):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _claim(self) -> None:
        asked = self._free
        async with self._open() as work:
            jobs = await work.claims.claim(
                self._generators,
                slots=asked,
                worker=self._worker,
                lease=self._lease,
                lost=events.WORKER_LOST,
            )
            now = self._clock.now()
            await work.outbox.add(filter(None, (events.taken_over(job, now) for job in jobs)))
        self._dry = len(jobs) < asked
        for job in jobs:
            self._free -= 1
            self._begin(job, self)
