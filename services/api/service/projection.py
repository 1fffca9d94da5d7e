"""Projecting events into the read model and the event log, a batch at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import structlog

from services.api.metrics import ApiMetrics
from services.api.models import AnnouncedGenerator, Charge, Ended, Ending, Job, money
from services.api.repository.projection import LoggedEvent
from services.api.service.catalogue import GeneratorCatalogue
from services.api.service.input_schema import InputSchema
from services.api.service.live_progress import LiveProgress
from services.api.service.transitions import ending, project
from services.api.service.waiting import JobWaiters
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.database.jsonb import without_nul
from shared.events import Attempt, CloudEvent, GeneratorAnnounced, MediaCostSettled
from shared.events.parts import JobMessage

log = structlog.get_logger(__name__)


class ReceivedEvent(NamedTuple):
    """An event, and its JSON as it came."""

    event: CloudEvent
    body: str


Events = dict[UUID, list[ReceivedEvent]]
"""What is said of each job, in the order in which it came."""


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
        """Write what these events say, and tell who waits for it.

        Ends that nothing is to be merged with are one statement, the rest is one transaction. What
        attempts have cost is entered before: what is set aside for a job counts until it has ended.
        """
        generators = _announced(batch)
        if charges := _charges(batch):
            await self._settle(charges)
        by_job = _by_job(batch)
        if endings := _endings(by_job):
            for end in await self._finish(endings):
                del by_job[end.id]
        if by_job or generators:
            await self._merge(by_job, generators)

    async def _settle(self, charges: Sequence[Charge]) -> None:
        async with self._unit_of_work() as work:
            work.alone()
            await work.budgets.settle(charges)

    async def _finish(self, endings: Sequence[tuple[Ending, LoggedEvent]]) -> Sequence[Ended]:
        async with self._unit_of_work() as work:
            work.alone()
            ended = await work.endings.add(endings)
        self._tell(ended)
        return ended

    async def _merge(self, by_job: Events, generators: Sequence[AnnouncedGenerator]) -> None:
        async with self._unit_of_work() as work:
            changed = await self._apply_to_jobs(work, by_job)
            if generators:
                await work.generators.add(generators)
        self._catalogue.learn(generators)
        self._tell(changed)

    def _tell(self, changed: Sequence[Job | Ended]) -> None:
        self._metrics.changed(changed)
        self._live.forget(changed)
        self._waiters.tell(changed)

    async def _apply_to_jobs(self, work: ApiUnitOfWork, by_job: Events) -> list[Job]:
        """Answers those that somebody may wait for: what had ended before is not told again."""
        if not by_job:
            return []
        before = await work.projection.lock(by_job)
        after = {job_id: _projected(job, by_job[job_id]) for job_id, job in before.items()}
        changed = [job for job_id, job in after.items() if job is not before[job_id]]
        await work.projection.update(changed)
        heard = (one for job_id in before for one in by_job[job_id])
        await work.projection.log([_line(one) for one in heard if _is_told(one)])
        for job_id in by_job.keys() - before.keys():
            log.warning("projection.unknown_job", job_id=str(job_id))
        return [job for job in changed if not before[job.id].status.final]


def _charges(batch: Iterable[ReceivedEvent]) -> list[Charge]:
    """What attempts that have ended have cost, each once; most cost nothing."""
    found: dict[tuple[UUID, int], Charge] = {}
    for received in batch:
        attempt = getattr(received.event.data, "attempt", None)
        if isinstance(attempt, Attempt) and attempt.cost and attempt.ended_at is not None:
            charge = _charge(received.event, attempt, attempt.ended_at)
            found.setdefault((charge.job_id, charge.attempt), charge)
    return list(found.values())


def _charge(event: CloudEvent, attempt: Attempt, at: datetime) -> Charge:
    assert isinstance(event.data, JobMessage)
    return Charge(
        job_id=event.data.job_id,
        attempt=attempt.number,
        tenant=event.tenant,
        generator=event.data.generator,
        backend=attempt.backend,
        cost=money(attempt.cost or 0),
        at=at,
    )


def _by_job(batch: Iterable[ReceivedEvent]) -> Events:
    by_job: Events = {}
    for received in batch:
        if isinstance(received.event.data, JobMessage):
            by_job.setdefault(received.event.data.job_id, []).append(received)
    return by_job


def _endings(by_job: Events) -> list[tuple[Ending, LoggedEvent]]:
    """The ends of jobs of which nothing else is said; every process takes them in one order."""
    alone = (by_job[job_id][0] for job_id in sorted(by_job) if len(by_job[job_id]) == 1)
    return [(end, _line(one)) for one in alone if (end := ending(one.event)) is not None]


def _projected(job: Job, events: Iterable[ReceivedEvent]) -> Job:
    for received in events:
        job = project(job, received.event)
    return job


def _line(received: ReceivedEvent) -> LoggedEvent:
    event = received.event
    assert isinstance(event.data, JobMessage)
    return LoggedEvent.of(event, event.data.job_id, without_nul(received.body))


def _is_told(received: ReceivedEvent) -> bool:
    """Nothing of a job is told after its end: what it has cost by then is for the ledger."""
    return not isinstance(received.event.data, MediaCostSettled)


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
            max_cost=None if data.max_cost is None else money(data.max_cost),
        )
        for data in newest.values()
    ]
