"""The jobs in hand, from the claim to the written result.

What is over without waiting needs no task, timer or word of its own, and most of what is quick is:
such attempts are made one after another by one task. One that waits keeps that task to itself, and
another goes on with the rest. Neighbours: `attempts` makes, `finishing` writes.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from enum import StrEnum
from functools import partial
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
from shared.messaging.waiting import is_set_within

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
    """Writes a result down; False: it is not ours any more. `offer` tries it once."""

    def offer(self, result: Result) -> "asyncio.Future[bool]": ...

    async def finish(self, result: Result) -> bool: ...


class Cancels(Protocol):
    """Something that is to happen, unless it is canceled."""

    def cancel(self) -> None: ...


class AnnouncesStarts(Protocol):
    """Says that an attempt has begun, if nobody cancels that."""

    def later(self, job: ClaimedJob, attempt_of: Callable[[ClaimedJob], Attempt]) -> Cancels: ...


class Slots(Protocol):
    """Where a job in hand has its place."""

    def release(self, generator: str) -> None: ...

    def wake_in(self, delay: timedelta) -> None: ...


class Run:
    """One job in hand. `finishing`: it is over, and only its result is still to be written."""

    __slots__ = ("_released", "finishing", "job", "key", "reason", "slots", "started", "task")

    def __init__(self, job: ClaimedJob, slots: Slots) -> None:
        self.job = job
        self.key = job.key
        self.slots = slots
        self.reason: StopReason | None = None
        self.finishing = False
        self.task: asyncio.Task[None] | None = None
        self.started: Cancels | None = None
        self._released = False

    def release(self) -> None:
        """Its slot is free for another job; said as often as one likes."""
        if not self._released:
            self._released = True
            self.slots.release(self.job.generator)


class Turn:
    """What one task does: `run` is the attempt that it makes now, and keeps to once it `waits`."""

    __slots__ = ("run", "waits")

    def __init__(self) -> None:
        self.run: Run | None = None
        self.waits = False


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
        self._coming: deque[Run] = deque()
        self._idle = asyncio.Event()
        self._over = False

    def begin(self, job: ClaimedJob, slots: Slots) -> None:
        """Start the attempt; its slot is released before its result is stored and written.

        It ends by itself at the moment that its job has to be finished by.
        """
        run = Run(job, slots)
        self._runs[run.key] = run
        self._held.take(run.key, job.held_until)
        self._metrics.begun(job)
        self._coming.append(run)
        if len(self._coming) == 1:
            self._begin_turn()

    @property
    def keys(self) -> Collection[JobKey]:
        """The leases to keep."""
        return list(self._runs)

    def stop(self, key: JobKey, reason: StopReason) -> None:
        """Stop the attempt; one that is over already is left alone."""
        run = self._runs.get(key)
        if run is None or run.finishing or run.reason is not None:
            return
        run.reason = reason
        if run.task is not None:
            run.task.cancel()

    async def drain(self, grace: timedelta) -> None:
        """Wait until all are done; the rest after `grace` is released to other workers."""
        if await self._wait(grace):
            return
        log.info("jobs.released", jobs=len(self._runs))
        for key in list(self._runs):
            self.stop(key, StopReason.RELEASED)
        await self._wait(min(grace, RELEASE))
        self._over = True
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for run in list(self._runs.values()):
            self._forget(run)

    async def _wait(self, limit: timedelta) -> bool:
        if self._runs:
            self._idle.clear()
            await is_set_within(self._idle, limit.total_seconds())
        return not self._runs

    async def _make_what_comes(self, turn: Turn) -> None:
        task = asyncio.current_task()
        asyncio.get_running_loop().call_soon(self._look_after, turn)
        while self._coming and not turn.waits:
            turn.run = run = self._coming.popleft()
            run.task = task
            try:
                self._end(run, await self._attempt(run))
            except Exception:
                self._drop(run)
            except asyncio.CancelledError:
                self._forget(run)
                if self._coming and not turn.waits:
                    self._begin_turn()
                raise
            finally:
                turn.run = None

    def _begin_turn(self) -> None:
        """The task is referred to by what it waits for, and by the run that it waits in."""
        asyncio.create_task(self._make_what_comes(Turn()))  # noqa: RUF006

    def _look_after(self, turn: Turn) -> None:
        """The task has let go: it waits in its attempt, or there was nothing more to make."""
        if turn.run is None:
            return
        run, turn.waits = turn.run, True
        run.started = self._started.later(run.job, self._verdicts.attempt)
        if run.job.time_left is not None:
            self._deadlines.add(run.key, run.job.time_left)
        if self._coming:
            self._begin_turn()

    def _end(self, run: Run, result: Result | None) -> None:
        """The attempt is over; what it led to is written with the others of this moment."""
        run.finishing, run.task = True, None
        run.release()
        if run.started is not None:
            run.started.cancel()
            self._deadlines.drop(run.key)
        if result is None:
            self._close(run, None, ours=False)
        else:
            self._finisher.offer(result).add_done_callback(partial(self._recorded, run, result))

    def _recorded(self, run: Run, result: Result, answer: "asyncio.Future[bool]") -> None:
        if not answer.cancelled() and answer.exception() is None:
            self._close(run, result, ours=answer.result())
        elif self._over:
            self._forget(run)
        else:
            run.task = asyncio.create_task(self._record_again(run, result))

    async def _record_again(self, run: Run, result: Result) -> None:
        try:
            self._close(run, result, ours=await self._record(result))
        except Exception:
            self._drop(run)
        finally:
            self._forget(run)

    def _close(self, run: Run, result: Result | None, *, ours: bool) -> None:
        self._forget(run)
        if ours and result is not None and result.delay is not None:
            run.slots.wake_in(result.delay)
        self._report(run.job, result, ours)

    def _drop(self, run: Run) -> None:
        """A bug has ended it; whoever takes it over when its lease has passed tries again."""
        log.exception("job.dropped", job_id=str(run.job.id), attempt=run.job.attempt)
        self._forget(run)

    def _forget(self, run: Run) -> None:
        """It is out of our hands; said as often as one likes."""
        run.release()
        if run.started is not None:
            run.started.cancel()
            self._deadlines.drop(run.key)
        self._held.drop(run.key)
        self._runs.pop(run.key, None)
        if not self._runs:
            self._idle.set()

    async def _attempt(self, run: Run) -> Result | None:
        job = run.job
        try:
            if run.reason is not None:
                return self._stopped(job, run.reason)
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
            return self._verdicts.failed(job, setback_of(error), self._time_left(run))

    def _time_left(self, run: Run) -> timedelta | None:
        """For another attempt; one that has not waited has used up none of it."""
        return run.job.time_left if run.started is None else self._deadlines.time_left(run.key)

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
        if status is Status.NEEDS_RECONCILIATION:
            order = job.ordered.id if job.ordered else None
            about = {"job_id": str(job.id), "provider": job.backend, "provider_id": order}
            log.warning("job.needs_reconciliation", generator=job.generator, **about)
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
