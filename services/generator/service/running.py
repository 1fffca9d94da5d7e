"""The jobs in hand: each in a task of its own, from the claim to the written result."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import structlog

from services.generator.errors import BadOutputError
from services.generator.metrics import GeneratorMetrics
from services.generator.models import ClaimedJob, JobKey, Result, Status
from services.generator.runtime.setback import expected, setback_of
from services.generator.service.deadlines import Deadlines
from services.generator.service.held import HeldLeases
from services.generator.service.verdicts import Verdicts
from shared.events import Asset, Attempt

RELEASE = timedelta(seconds=2)
"""What giving back jobs may take: killing their children, one statement."""

log = structlog.get_logger(__name__)


class StopReason(StrEnum):
    """Why an attempt is stopped from outside."""

    CANCELED = "canceled"
    OVERDUE = "overdue"
    LOST = "lost"
    RELEASED = "released"


class MakesAttempts(Protocol):
    """Tries once. Raises what went wrong. `made` is called when another job could be made."""

    def make(self, job: ClaimedJob, made: Callable[[], None]) -> Awaitable[tuple[Asset, ...]]: ...


class Finishes(Protocol):
    """Writes a result down; False: it is not ours any more."""

    async def finish(self, result: Result) -> bool: ...


class Cancels(Protocol):
    """Something that is to happen, unless it is canceled."""

    def cancel(self) -> None: ...


class AnnouncesStarts(Protocol):
    """Says that an attempt has begun, if nobody cancels that."""

    def later(self, job: ClaimedJob, attempt_of: Callable[[ClaimedJob], Attempt]) -> Cancels: ...


class Slots(Protocol):
    """Where a job in hand has its place."""

    def release(self) -> None: ...

    def wake_in(self, delay: timedelta) -> None: ...


class Run:
    """One job in hand. `finishing`: it is over, and only its result is still to be written."""

    __slots__ = ("_released", "finishing", "job", "key", "reason", "slots", "task")

    def __init__(self, job: ClaimedJob, slots: Slots) -> None:
        self.job = job
        self.key = job.key
        self.slots = slots
        self.reason: StopReason | None = None
        self.finishing = False
        self.task: asyncio.Task[None] | None = None
        self._released = False

    def release(self) -> None:
        """Its slot is free for another job; said as often as one likes."""
        if not self._released:
            self._released = True
            self.slots.release()


class JobsInHand:
    """Runs what was claimed."""

    def __init__(
        self,
        attempts: MakesAttempts,
        verdicts: Verdicts,
        finisher: Finishes,
        started: AnnouncesStarts,
        *,
        metrics: GeneratorMetrics,
        held: HeldLeases,
    ) -> None:
        self._attempts = attempts
        self._verdicts = verdicts
        self._finisher = finisher
        self._started = started
        self._metrics = metrics
        self._held = held
        self._deadlines = Deadlines(lambda key: self.stop(key, StopReason.OVERDUE))
        self._runs: dict[JobKey, Run] = {}

    def begin(self, job: ClaimedJob, slots: Slots) -> None:
        """Start the attempt; its slot is released before its result is stored and written.

        It ends by itself at the moment that its job has to be finished by.
        """
        run = Run(job, slots)
        self._runs[run.key] = run
        self._held.take(run.key, job.held_until)
        self._metrics.begun(job)
        if job.time_left is not None:
            self._deadlines.add(run.key, job.time_left)
        run.task = asyncio.create_task(self._carry_out(run))

    @property
    def keys(self) -> Collection[JobKey]:
        """The leases to keep."""
        return list(self._runs)

    def stop(self, key: JobKey, reason: StopReason) -> None:
        """Stop the attempt; one that is over already is left alone."""
        run = self._runs.get(key)
        if run is None or run.finishing or run.reason is not None or run.task is None:
            return
        run.reason = reason
        run.task.cancel()

    async def drain(self, grace: timedelta) -> None:
        """Wait until all are done; the rest after `grace` is released to other workers."""
        if await self._wait(grace):
            return
        log.info("jobs.released", jobs=len(self._runs))
        for key in list(self._runs):
            self.stop(key, StopReason.RELEASED)
        await self._wait(min(grace, RELEASE))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def _tasks(self) -> list[asyncio.Task[None]]:
        return [run.task for run in self._runs.values() if run.task is not None]

    async def _wait(self, limit: timedelta) -> bool:
        if not self._runs:
            return True
        _, late = await asyncio.wait(self._tasks, timeout=limit.total_seconds())
        return not late

    async def _carry_out(self, run: Run) -> None:
        try:
            try:
                result = await self._attempt(run)
            finally:
                run.finishing = True
                run.release()
                self._deadlines.drop(run.key)
            ours = result is not None and await self._record(result)
            if ours and result is not None and result.delay is not None:
                run.slots.wake_in(result.delay)
            self._report(run.job, result, ours)
        except Exception:
            log.exception("job.dropped", job_id=str(run.job.id), attempt=run.job.attempt)
        finally:
            del self._runs[run.key]
            self._held.drop(run.key)

    async def _attempt(self, run: Run) -> Result | None:
        job = run.job
        announcement = self._started.later(job, self._verdicts.attempt)
        try:
            if not self._held.certain(run.key):
                await self._held.ascertain(run.key)
            return self._verdicts.generated(job, await self._attempts.make(job, run.release))
        except asyncio.CancelledError:
            if run.reason is None or run.task is None:
                raise
            run.task.uncancel()
            return self._stopped(job, run.reason)
        except Exception as error:
            if not expected(error):
                log.exception("generator.raised", job_id=str(job.id), generator=job.generator)
            return self._verdicts.failed(job, setback_of(error), self._deadlines.time_left(run.key))
        finally:
            announcement.cancel()

    def _stopped(self, job: ClaimedJob, reason: StopReason) -> Result | None:
        match reason:
            case StopReason.LOST:
                return None
            case StopReason.CANCELED:
                return self._verdicts.canceled(job)
            case StopReason.OVERDUE:
                return self._verdicts.overdue(job)
            case StopReason.RELEASED:
                return self._verdicts.released(job)

    async def _record(self, result: Result) -> bool:
        try:
            return await self._finisher.finish(result)
        except Exception as error:
            log.exception("result.unwritable", job_id=str(result.job.id))
            bad = BadOutputError(f"The result cannot be recorded: {type(error).__name__}.")
            return await self._finisher.finish(self._verdicts.failed(result.job, setback_of(bad)))

    def _report(self, job: ClaimedJob, result: Result | None, ours: bool) -> None:
        status = result.status if result is not None and ours else None
        seconds = self._metrics.ended(job, result if ours else None)
        failure = result.failure if result is not None else None
        log.info(
            "attempt.ended",
            job_id=str(job.id),
            tenant=job.tenant,
            generator=job.generator,
            lane=job.lane.value,
            attempt=job.attempt,
            status="lost" if status is None else status.value,
            seconds=round(seconds, 4),
            waited=round(job.waited, 4),
            assets=len(result.assets) if status is Status.GENERATED and result else 0,
            failure=failure.code if failure else None,
        )
