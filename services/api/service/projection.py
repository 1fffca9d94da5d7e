"""Projecting events into the read model and the event log, a batch at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from services.api.metrics import ApiMetrics
from services.api.models import AnnouncedGenerator, Job
from services.api.repository.projection import LoggedEvent
from services.api.service.catalogue import GeneratorCatalogue
from services.api.service.input_schema import InputSchema
from services.api.service.live_progress import LiveProgress
from services.api.service.transitions import project
from services.api.service.waiting import JobWaiters
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.database.jsonb import without_nul
from shared.events import CloudEvent, GeneratorAnnounced
from shared.events.parts import JobMessage

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event, and its JSON as it came."""

    event: CloudEvent
    body: str


class ProjectionService:
    """Keeps the read model true to the events, whatever their order."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        catalogue: GeneratorCatalogue,
        waiters: JobWaiters,
        live: LiveProgress,
        metrics: ApiMetrics,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._catalogue = catalogue
        self._waiters = waiters
        self._live = live
        self._metrics = metrics

    async def apply(self, batch: Sequence[ReceivedEvent]) -> None:
        """Write what these events say, in one transaction, and tell who waits for it."""
        generators = _announced(batch)
        async with self._unit_of_work() as work:
            changed = await self._apply_to_jobs(work, batch)
            if generators:
                await work.generators.add(generators)
        self._catalogue.learn(generators)
        self._metrics.changed(changed)
        self._live.forget(changed)
        self._waiters.tell(changed)

    async def _apply_to_jobs(
        self, work: ApiUnitOfWork, batch: Sequence[ReceivedEvent]
    ) -> list[Job]:
        by_job = _by_job(batch)
        if not by_job:
            return []
        before = await work.projection.lock(by_job)
        after = {job_id: _projected(job, by_job[job_id]) for job_id, job in before.items()}
        changed = [job for job_id, job in after.items() if job is not before[job_id]]
        await work.projection.update(changed)
        await work.projection.log([_line(one) for job_id in before for one in by_job[job_id]])
        for job_id in by_job.keys() - before.keys():
            log.warning("projection.unknown_job", job_id=str(job_id))
        return changed


def _by_job(batch: Iterable[ReceivedEvent]) -> dict[UUID, list[ReceivedEvent]]:
    by_job: dict[UUID, list[ReceivedEvent]] = {}
    for received in batch:
        if isinstance(received.event.data, JobMessage):
            by_job.setdefault(received.event.data.job_id, []).append(received)
    return by_job


def _projected(job: Job, events: Iterable[ReceivedEvent]) -> Job:
    for received in events:
        job = project(job, received.event)
    return job


def _line(received: ReceivedEvent) -> LoggedEvent:
    event = received.event
    assert isinstance(event.data, JobMessage)
    return LoggedEvent.of(event, event.data.job_id, without_nul(received.body))


def _announced(batch: Iterable[ReceivedEvent]) -> list[AnnouncedGenerator]:
    """The newest announcement of each generator. Raises `InvalidSchemaError` for a broken one."""
    newest: dict[str, GeneratorAnnounced] = {}
    for received in batch:
        data = received.event.data
        if isinstance(data, GeneratorAnnounced):
            InputSchema(data.input_schema)
            known = newest.get(data.name)
            if known is None or data.announced_at > known.announced_at:
                newest[data.name] = data
    return [
        AnnouncedGenerator(
            name=data.name,
            version=data.generator_version,
            description=data.description,
            input_schema=data.input_schema,
            media_types=data.media_types,
            example=data.example,
            announced_at=data.announced_at,
            paused=data.paused,
        )
        for data in newest.values()
    ]
