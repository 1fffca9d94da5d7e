"""The api's database in memory: the fakes keep the promises of the repositories.

tests/integration/api/test_repositories.py runs the same tests on these and on Postgres.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self
from uuid import UUID

import orjson

from services.api.errors import MediaRequestNotFoundError
from services.api.models import (
    AnnouncedGenerator,
    ControlWish,
    Ended,
    Ending,
    Job,
    JobFilter,
    Place,
    Status,
    Tombstone,
    Waiting,
)
from services.api.repository import (
    DeadlineRepository,
    EndingRepository,
    GeneratorRepository,
    MediaRequestRepository,
    ProjectionRepository,
)
from services.api.repository.projection import LoggedEvent
from services.api.unit_of_work import ApiUnitOfWork
from shared.clock import Clock
from shared.database.away import DatabaseUnavailableError
from shared.events import Action, CloudEvent
from shared.messaging.outbox import Outbox
from shared.messaging.outgoing import Outgoing
from tests.unit.api.fake_acceptance import FakeAcceptance
from tests.unit.api.fake_budgets import FakeBudgets
from tests.unit.api.fake_deletions import FakeDeletions, FakeReferences
from tests.unit.api.fake_event_log import FakeEventLog
from tests.unit.api.fake_keys import FakeKeys
from tests.unit.api.fake_letters import FakeDeadLetterClaims, FakeDeadLetters
from tests.unit.api.fake_limits import FakeLimits
from tests.unit.api.fake_sharing import FakeSharing
from tests.unit.api.fake_uploads import FakeUploads
from tests.unit.api.tables import Tables


class FakeMediaRequests(MediaRequestRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def find(self, tenant: str, job_id: UUID) -> Job | None:
        job = self._tables.jobs.get(job_id)
        return job if job is not None and job.tenant == tenant else None

    async def find_tombstone(self, tenant: str, job_id: UUID) -> Tombstone | None:
        left = self._tables.tombstones.get(job_id)
        return left if left is not None and left.tenant == tenant else None

    async def list_by_ids(self, tenant: str, ids: Sequence[UUID]) -> list[Job]:
        return [job for one in ids if (job := await self.find(tenant, one))]

    async def get_placed(
        self, tenant: str, job_id: UUID, *, among_own: bool
    ) -> tuple[Job, int | None]:
        job = await self.find(tenant, job_id)
        if job is None:
            raise MediaRequestNotFoundError
        ahead = sum(
            other.status is Status.QUEUED
            and other.id < job.id
            and (other.tenant == tenant or not among_own)
            for other in self._tables.jobs.values()
            if (other.generator, other.lane) == (job.generator, job.lane)
        )
        return job, ahead if job.status is Status.QUEUED else None

    async def count_queued(self) -> dict[Place, Waiting]:
        waiting = [job for job in self._tables.jobs.values() if job.status is Status.QUEUED]
        counts = Counter(Place(job.tenant, job.generator, job.lane) for job in waiting)
        over = Counter(
            Place(job.tenant, job.generator, job.lane)
            for job in waiting
            if job.id in self._tables.overflow
        )
        return {place: Waiting(count, over[place]) for place, count in counts.items()}

    async def list_by_tenant(self, wanted: JobFilter) -> list[Job]:
        newest = not wanted.oldest_first
        jobs = sorted(self._tables.jobs.values(), key=lambda job: job.id, reverse=newest)
        return [job for job in jobs if _is_wanted(job, wanted)][: wanted.limit]


def _is_wanted(job: Job, wanted: JobFilter) -> bool:
    return (
        job.tenant == wanted.tenant
        and (wanted.before is None or job.id < wanted.before)
        and (wanted.after is None or job.id > wanted.after)
        and (wanted.status is None or job.status in wanted.status)
        and (wanted.generator is None or job.generator in wanted.generator)
        and all(_as_text(job.metadata.get(k)) == v for k, v in (wanted.metadata or {}).items())
        and (wanted.created_after is None or job.created_at > wanted.created_after)
        and (wanted.created_before is None or job.created_at < wanted.created_before)
        and wanted.retried_from in {None, job.retried_from}
    )


def _as_text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()


class FakeProjection(ProjectionRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def lock(self, ids: Iterable[UUID]) -> dict[UUID, Job]:
        return {one: self._tables.jobs[one] for one in sorted(ids) if one in self._tables.jobs}

    async def update(self, jobs: Sequence[Job]) -> None:
        self._tables.jobs.update((job.id, job) for job in jobs)

    async def find_logged(self, job_id: UUID, type_name: str) -> str | None:
        log = self._tables.log.values()
        found = [one.body for one in log if (one.job_id, one.type) == (job_id, type_name)]
        return found[-1] if found else None

    async def log(self, events: Sequence[LoggedEvent]) -> None:
        for event in events:
            self._tables.log.setdefault(event.event_id, event)


class FakeEndings(EndingRepository):
    """Takes those that are said of a job of which nothing is known, and leaves the rest."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, endings: Sequence[tuple[Ending, LoggedEvent]]) -> list[Ended]:
        jobs = self._tables.jobs
        new = [
            (jobs[one.job_id], one, line)
            for one, line in endings
            if one.job_id in jobs and jobs[one.job_id].version == 0
            if not jobs[one.job_id].attempts
        ]
        for job, one, line in new:
            jobs[job.id] = _ended(job, one)
            self._tables.log.setdefault(line.event_id, line)
        return [
            Ended(job.id, job.generator, one.status, job.created_at, one.finished_at)
            for job, one, _ in new
        ]


def _ended(job: Job, ending: Ending) -> Job:
    return replace(
        job,
        status=ending.status,
        version=ending.version,
        updated_at=max(job.updated_at, ending.time),
        started_at=ending.started_at,
        finished_at=ending.finished_at,
        attempts=(ending.attempt,) if ending.attempt else (),
        assets=ending.assets,
        failure=ending.failure,
    )


class FakeGenerators(GeneratorRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, generators: Sequence[AnnouncedGenerator]) -> None:
        for one in generators:
            known = self._tables.generators.get(one.name)
            if known is None or one.announced_at > known.announced_at:
                self._tables.generators[one.name] = one

    async def list_all(self) -> list[AnnouncedGenerator]:
        return [self._tables.generators[name] for name in sorted(self._tables.generators)]

    async def wish(self, action: Action, generator: str | None, now: datetime) -> ControlWish:
        last = max((wish.requested_at for wish in self._tables.wishes), default=now)
        moment = max(now, last + timedelta(microseconds=1)) if self._tables.wishes else now
        self._tables.wishes.append(ControlWish(action, generator, moment))
        return self._tables.wishes[-1]


class FakeDeadlines(DeadlineRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def claim_not_started(self, before: datetime, limit: int = 500) -> list[Job]:
        late = [
            job
            for job in self._tables.jobs.values()
            if job.status is Status.QUEUED
            and job.deadline_at is not None
            and job.deadline_at <= before
            and job.id not in self._tables.overdue
        ][:limit]
        self._tables.overdue.update(job.id for job in late)
        return late

    async def claim_not_finished(
        self, before: datetime, unless_since: datetime, limit: int = 500
    ) -> list[Job]:
        known = self._tables.overtime
        late = [
            job
            for job in self._tables.jobs.values()
            if not job.status.final
            and job.finish_by is not None
            and job.finish_by <= before
            and (job.id not in known or known[job.id] <= unless_since)
        ][:limit]
        known.update((job.id, before) for job in late)
        return late


class FakeOutbox(Outbox):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def add(self, events: Iterable[CloudEvent]) -> None:
        self._tables.outbox.extend(events)

    async def send(self, messages: Sequence[Outgoing]) -> None:
        self._tables.answers.extend(messages)


class FakeDatabase:
    """Opens units of work. `fail_with` is how the next commits end; `commits` counts the good ones.

    `refuse_with` is raised to whoever wants to begin, `lose_answers` makes that many commits
    succeed without anybody hearing of it, and commits wait for `hanging`.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tables = Tables()
        self.fail_with: list[Exception | None] = []
        self.refuse_with: Exception | None = None
        self.lose_answers = 0
        self.hanging: asyncio.Event | None = None
        self.commits = 0

    def unit_of_work(self) -> ApiUnitOfWork:
        return FakeUnitOfWork(self)


class FakeUnitOfWork(ApiUnitOfWork):
    """Works on a copy, which a clean exit puts into place."""

    def __init__(self, database: FakeDatabase) -> None:
        self._database = database

    def alone(self) -> None:
        """Every unit of work is a transaction here."""

    async def __aenter__(self) -> Self:
        if self._database.refuse_with is not None:
            raise self._database.refuse_with
        self._copy = deepcopy(self._database.tables)
        self.acceptance = FakeAcceptance(self._copy, self._database.clock)
        self.budgets = FakeBudgets(self._copy)
        self.jobs = FakeMediaRequests(self._copy)
        self.projection = FakeProjection(self._copy)
        self.endings = FakeEndings(self._copy)
        self.event_log = FakeEventLog(self._copy)
        self.deadlines = FakeDeadlines(self._copy)
        self.deletions = FakeDeletions(self._copy)
        self.generators = FakeGenerators(self._copy)
        self.limits = FakeLimits(self._copy, self._database.clock)
        self.keys = FakeKeys(self._copy)
        self.references = FakeReferences(self._copy)
        self.sharing = FakeSharing(self._copy)
        self.uploads = FakeUploads(self._copy, self._database.clock)
        self.dead_letters = FakeDeadLetters(self._copy)
        self.dead_letter_claims = FakeDeadLetterClaims(self._copy)
        self.outbox = FakeOutbox(self._copy)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            return
        if self._database.hanging is not None:
            await self._database.hanging.wait()
        failure = self._database.fail_with.pop(0) if self._database.fail_with else None
        if failure is not None:
            raise failure
        self._database.tables = self._copy
        self._database.commits += 1
        if self._database.lose_answers:
            self._database.lose_answers -= 1
            raise DatabaseUnavailableError("connection lost while committing")
