"""Jobs that are not to go on: wishes to stop them, deadlines, attempts that are used up."""

from collections.abc import Callable, Sequence

import structlog

from services.generator.models import Brief, StoppedJob, Wish
from services.generator.repository.wakeups import STOP
from services.generator.service import events
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.events import CloudEvent, MediaCancelRequested, MediaDeadlinePassed, Origin

log = structlog.get_logger(__name__)


class StopService:
    """Carries out wishes: what waits is canceled at once, what runs is flagged for its worker.

    A deadline stops only what has never been started. Of a job that is not known yet a tombstone
    is kept, so that its request is not started when it comes.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        worker: str,
        clock: Clock,
        flagged: Callable[[], None],
    ) -> None:
        self._open = open_unit_of_work
        self._worker = worker
        self._clock = clock
        self._flagged = flagged

    async def handle(self, wishes: Sequence[Wish]) -> None:
        """Carry out a batch in one transaction."""
        async with self._open() as work:
            stopped, some_run = await work.stops.stop(_one_a_job(wishes))
            await work.outbox.add(self._event(job) for job in stopped)
            if some_run:
                await work.wakeups.notify(STOP, self._worker)
        if some_run:
            self._flagged()
        for job in stopped:
            log.info("job.stopped", job_id=str(job.id), generator=job.generator, reason=job.reason)

    async def reap(self) -> None:
        """End what nobody else will: see `StopRepository.reap`."""
        async with self._open() as work:
            ended = await work.stops.reap(events.WORKER_LOST)
            await work.outbox.add(self._event(job) for job in ended)
        for job in ended:
            log.warning(
                "job.reaped", job_id=str(job.id), generator=job.generator, reason=job.reason
            )

    def _event(self, job: StoppedJob) -> CloudEvent:
        now = self._clock.now()
        if job.reason is not None:
            return events.canceled(job, job.attempt, now, job.reason)
        return events.failed(job, job.attempt, events.WORKER_LOST, now)


def wish_of(event: CloudEvent) -> Wish | None:
    """The wish that an event is; None when it is none."""
    data = event.data
    if not isinstance(data, MediaCancelRequested | MediaDeadlinePassed):
        return None
    return Wish(
        job_id=data.job_id,
        tenant=event.tenant,
        generator=data.generator,
        brief=Brief(data.metadata, data.webhook, Origin.of(event)),
        unstarted_only=isinstance(data, MediaDeadlinePassed),
    )


def _one_a_job(wishes: Sequence[Wish]) -> list[Wish]:
    """A wish to cancel counts for more than a deadline."""
    chosen: dict[object, Wish] = {}
    for wish in wishes:
        if wish.job_id not in chosen or not wish.unstarted_only:
            chosen[wish.job_id] = wish
    return list(chosen.values())
