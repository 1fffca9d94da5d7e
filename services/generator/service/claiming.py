"""Free slots take the best jobs: woken by admissions, by slots that become free, and by a poll."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, Protocol

import structlog

from services.generator.models import Admitted, ClaimedJob, NewJob
from services.generator.service import events
from services.generator.service.memory import Memory, Unlimited
from services.generator.service.outages import Outages
from services.generator.unit_of_work import OpenUnitOfWork
from shared.canceling import end
from shared.clock import Clock
from shared.database.transient import is_transient

_STOP_SECONDS: Final = 5.0
_LATE: Final = 0.005

log = structlog.get_logger(__name__)


class Claims(Protocol):
    """Where jobs are taken from."""

    async def take(
        self, slots: int, generators: Sequence[str] | None = None
    ) -> Sequence[ClaimedJob]: ...

    async def admit(self, jobs: Sequence[NewJob]) -> Admitted: ...


Begin = Callable[[ClaimedJob, "Claimer"], None]
"""Starts a claimed job, which owes its claimer the slot: `release`."""


class JobClaims:
    """Claims jobs of these generators in the name of one worker.

    It looks for jobs to take over once in a `patience`; right after an outage of the database it
    takes over none: their workers are about to renew.
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
        patience: timedelta = timedelta(0),
    ) -> None:
        self._generators = tuple(generators)
        self._open = open_unit_of_work
        self._worker = worker
        self._lease = lease
        self._clock = clock
        self._outages = outages or Outages(timedelta(0))
        self._patience = patience.total_seconds()
        self._looked_at = float("-inf")

    async def take(
        self, slots: int, generators: Sequence[str] | None = None
    ) -> Sequence[ClaimedJob]:
        """Up to so many, of these generators or of all."""
        wanted = self._generators if generators is None else tuple(generators)
        if not wanted:
            return []
        asked_at = time.monotonic()
        async with self._outages.watching():
            if asked_at - self._looked_at < self._patience or not self._outages.over:
                jobs = await self._take_waiting(slots, wanted)
            else:
                jobs = await self._take_over(slots, wanted)
                self._looked_at = asked_at
        return self._held(jobs, asked_at)

    async def admit(self, jobs: Sequence[NewJob]) -> Admitted:
        """Write these, and take them all, unless any waits; there is a slot for each."""
        asked_at = time.monotonic()
        async with self._open() as work:
            work.alone()
            return await work.admission.add_and_begin(
                jobs,
                self._generators,
                worker=self._worker,
                lease=self._lease,
                held_until=self._held_until(asked_at),
            )

    async def _take_waiting(self, slots: int, wanted: Sequence[str]) -> list[ClaimedJob]:
        async with self._open() as work:
            work.alone()
            return await work.claims.claim_waiting(
                wanted, slots=slots, worker=self._worker, lease=self._lease
            )

    async def _take_over(self, slots: int, wanted: Sequence[str]) -> list[ClaimedJob]:
        """What waits, and what has lost its worker, with a word about the lost attempts."""
        async with self._open() as work:
            jobs = await work.claims.claim(
                wanted,
                slots=slots,
                worker=self._worker,
                lease=self._lease,
                lost=events.WORKER_LOST,
            )
            now = self._clock.now()
            await work.outbox.add(filter(None, (events.taken_over(job, now) for job in jobs)))
        return jobs

    def _held(self, jobs: Sequence[ClaimedJob], asked_at: float) -> list[ClaimedJob]:
        until = self._held_until(asked_at)
        return [replace(job, held_until=until) for job in jobs]

    def _held_until(self, asked_at: float) -> float:
        """Leases count from before they were asked for."""
        return asked_at + self._lease.total_seconds()


class Claimer:
    """The slots of one kind, filled as long as there is work, and memory for it."""

    def __init__(
        self,
        claims: Claims,
        slots: int,
        begin: Begin,
        poll: timedelta,
        memory: Memory | None = None,
    ) -> None:
        self._claims = claims
        self._memory = Unlimited() if memory is None else memory
        self._free = slots
        self._begin = begin
        self._poll = poll.total_seconds()
        self._dry = False
        self._closing = False
        self._woken = asyncio.Event()
        self._turns = asyncio.Lock()
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
            await end([self._task])

    @property
    def free(self) -> int:
        """Slots that could take a job now."""
        return 0 if self._closing else self._free

    async def admit(self, jobs: Sequence[NewJob]) -> int | None:
        """Write these and begin them here, if there is a slot for each and nothing waits.

        A claim that is under way, or has been asked for, comes first: it has all the slots, and
        takes what these would have to wait behind. Else, under load, each batch would be written
        while the one before is claimed, and so be claimed itself, for ever.

        Answers how many wait now; None: nothing was done, for want of slots.
        """
        if self._woken.is_set():
            await asyncio.sleep(0)
        async with self._turns:
            return await self._admit(jobs)

    async def _admit(self, jobs: Sequence[NewJob]) -> int | None:
        count = len(jobs)
        if not self._dry or self.free < count:
            return None
        if not self._memory.fits(job.generator for job in jobs):
            return None
        self._free -= count
        begun: Sequence[ClaimedJob] = ()
        try:
            admitted = await self._claims.admit(jobs)
            begun = admitted.begun
        finally:
            self._free += count - len(begun)
        self._start(begun)
        return admitted.waiting

    def wake(self) -> None:
        """There may be work."""
        self._dry = False
        self._woken.set()

    def wake_in(self, delay: timedelta) -> None:
        """There will be work then: a job is to be tried again."""
        asyncio.get_running_loop().call_later(delay.total_seconds() + _LATE, self.wake)

    def release(self, generator: str) -> None:
        """A slot is free again; if there was not enough work for all, there still is not."""
        self._free += 1
        self._memory.give_back(generator)
        if not self._dry:
            self._woken.set()

    async def _run(self) -> None:
        while not self._closing:
            self._woken.clear()
            if self._free > 0:
                try:
                    async with self._turns:
                        await self._claim()
                except Exception as error:
                    report = log.warning if is_transient(error) else log.exception
                    report("claiming.failed", error=repr(error))
            try:
                async with asyncio.timeout(self._poll):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def _claim(self) -> None:
        """Nobody else may have these slots meanwhile."""
        slots, self._free = self._free, 0
        jobs: Sequence[ClaimedJob] = ()
        try:
            generators, most = self._memory.offer(slots)
            jobs = await self._claims.take(most, generators) if most else ()
            self._dry = generators is None and len(jobs) < most
            if jobs and len(jobs) == most < slots:
                self._woken.set()  # there may be more, of those that still have room
        finally:
            self._free += slots - len(jobs)
        self._start(jobs)

    def _start(self, jobs: Sequence[ClaimedJob]) -> None:
        for job in jobs:
            self._memory.take(job.generator)
            self._begin(job, self)
