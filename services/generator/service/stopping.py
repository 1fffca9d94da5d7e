"""Jobs that are not to go on: wishes to stop them, deadlines, workers that were lost too often."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from services.generator.models import Brief, Cause, StoppedJob, Wish
from services.generator.repository.wakeups import STOP
from services.generator.service import events
from services.generator.service.outages import Outages
from services.generator.unit_of_work import GeneratorUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.events import CloudEvent, MediaCancelRequested, MediaDeadlinePassed, Origin

_WEIGHT = {Cause.CANCELED: 3, Cause.TOTAL: 2, Cause.START: 1}

log = structlog.get_logger(__name__)


class StopService:
    """Carries out wishes: what waits is canceled at once, what runs is flagged for its worker.

    A deadline to start stops only what has not begun; of the rest it is said that it has. Of a job
    that is not known yet a tombstone is kept, so that its request is not started when it comes.
    `flagged` and `stopped` are called once it is committed.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        worker: str,
        clock: Clock,
        flagged: Callable[[], None],
        *,
        stopped: Callable[[], None] = lambda: None,
        outages: Outages | None = None,
    ) -> None:
        self._open = open_unit_of_work
        self._worker = worker
        self._clock = clock
        self._flagged = flagged
        self._stopped = stopped
        self._outages = outages or Outages(timedelta(0))

    async def handle(self, wishes: Sequence[Wish]) -> None:
        """Carry out a batch in one transaction."""
        async with self._open() as work:
            stops = await work.stops.stop(_one_a_job(wishes))
            await self._say(work, stops.stopped)
            now = self._clock.now()
            await work.outbox.add(events.deadline_met(job, now) for job in stops.begun)
            if stops.flagged:
                await work.wakeups.notify(STOP, self._worker)
        self._tell(stops.stopped, flagged=stops.flagged)

    async def reap(self) -> None:
        """End what nobody else will; flag what runs too long. See `ReapingRepository`."""
        async with self._outages.watching(), self._open() as work:
            ended = await work.reaping.reap(events.WORKER_LOST, take_over=self._outages.over)
            await self._say(work, ended)
            overdue = await work.reaping.flag_overdue()
            if overdue:
                await work.wakeups.notify(STOP, self._worker)
        self._tell(ended, flagged=overdue > 0)

    async def _say(self, work: GeneratorUnitOfWork, stopped: Sequence[StoppedJob]) -> None:
        await work.outbox.add(self._event(job) for job in stopped)
        if begun := [job.id for job in stopped if job.attempt is not None]:
            await work.providers.abandon(begun)

    def _tell(self, stopped: Sequence[StoppedJob], *, flagged: bool) -> None:
        if flagged:
            self._flagged()
        if stopped:
            self._stopped()
        for job in stopped:
            log.info(
                "job.stopped",
                job_id=str(job.id),
                generator=job.generator,
                reason=events.WORKER_LOST.code if job.cause is None else job.cause.reason,
                deadline=job.cause and job.cause.deadline,
            )

    def _event(self, job: StoppedJob) -> CloudEvent:
        now = self._clock.now()
        if job.cause is not None:
            return events.canceled(job, job.attempt, now, job.cause)
        return events.failed(job, job.attempt, events.WORKER_LOST, now)


def wish_of(event: CloudEvent) -> Wish | None:
    """The wish that an event is; None when it is none."""
    match event.data:
        case MediaCancelRequested() as data:
            return _wish(event, data, Cause.CANCELED)
        case MediaDeadlinePassed() as data:
            return _wish(event, data, Cause(data.deadline.value))
    return None


def _wish(
    event: CloudEvent, data: MediaCancelRequested | MediaDeadlinePassed, cause: Cause
) -> Wish:
    brief = Brief(data.metadata, data.webhook, Origin.of(event))
    return Wish(data.job_id, event.tenant, data.generator, brief, cause)


def _one_a_job(wishes: Iterable[Wish]) -> list[Wish]:
    """Of several in a batch: a wish to cancel before a deadline, the total before the start."""
    chosen: dict[UUID, Wish] = {}
    for wish in wishes:
        rival = chosen.get(wish.job_id)
        if rival is None or _WEIGHT[wish.cause] > _WEIGHT[rival.cause]:
            chosen[wish.job_id] = wish
    return list(chosen.values())
