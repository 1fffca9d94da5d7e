"""What tests of the generator's tables do again and again."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from services.generator.errors import FailureClass
from services.generator.models import Brief, Cause, ClaimedJob, NewJob, Result, Wish
from services.generator.runtime.setback import Setback
from services.generator.service import events
from services.generator.service.backoff import Backoff
from services.generator.service.verdicts import Verdicts
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.events import CloudEvent, Lane, Origin, decode
from shared.testing import an_asset
from tests.backends.databases import query

LEASE = timedelta(seconds=30)
VERDICTS = Verdicts("w1", Backoff(timedelta(0), timedelta(0)), SystemClock())
TRANSIENT = Setback("flaky_transient", "It failed on purpose.", FailureClass.TRANSIENT)
PERMANENT = Setback("flaky_permanent", "It failed for good.", FailureClass.PERMANENT)


def a_job(**changes: Any) -> NewJob:
    """A request for a card, just made."""
    fields: dict[str, Any] = {
        "id": uuid7(),
        "tenant": "default",
        "generator": "card",
        "lane": Lane.INTERACTIVE,
        "input": {"title": "Hello"},
        "brief": Brief({"order": 7}, None, Origin("default", "corr", "cause")),
        "max_attempts": 5,
        "requested_at": SystemClock().now(),
        "deadline_at": None,
    }
    return NewJob(**{**fields, **changes})


async def admit(unit_of_work: OpenUnitOfWork, *jobs: NewJob) -> int:
    async with unit_of_work() as work:
        return await work.admission.add(jobs)


async def claim(
    unit_of_work: OpenUnitOfWork,
    slots: int = 1,
    *,
    generators: tuple[str, ...] = ("card",),
    worker: str = "w1",
    lease: timedelta = LEASE,
) -> list[ClaimedJob]:
    async with unit_of_work() as work:
        return await work.claims.claim(
            generators, slots=slots, worker=worker, lease=lease, lost=events.WORKER_LOST
        )


async def admit_and_claim(unit_of_work: OpenUnitOfWork, **changes: Any) -> ClaimedJob:
    """One job, in hand."""
    await admit(unit_of_work, a_job(**changes))
    [job] = await claim(unit_of_work)
    return job


async def record(unit_of_work: OpenUnitOfWork, *results: Result) -> set[UUID]:
    """The ids of the jobs whose results counted."""
    async with unit_of_work() as work:
        return {job_id for job_id, _ in await work.results.record(results)}


def generated(job: ClaimedJob) -> Result:
    return VERDICTS.generated(job, (an_asset(),))


def a_wish(job_id: UUID, cause: Cause = Cause.CANCELED) -> Wish:
    return Wish(job_id, "default", "card", Brief({"order": 7}), cause)


async def stop(unit_of_work: OpenUnitOfWork, *wishes: Wish) -> tuple[list[UUID], bool]:
    async with unit_of_work() as work:
        stops = await work.stops.stop(wishes)
    return [job.id for job in stops.stopped], stops.flagged


def job_row(database_url: str, job_id: UUID) -> dict[str, Any]:
    [row] = query(database_url, "SELECT * FROM job WHERE id = $1", job_id)
    return row


def attempt_rows(database_url: str, job_id: UUID) -> list[dict[str, Any]]:
    return query(database_url, "SELECT * FROM attempt WHERE job_id = $1 ORDER BY number", job_id)


def said(database_url: str) -> list[CloudEvent]:
    """What stands in the outbox, in order."""
    rows = query(database_url, "SELECT body FROM outbox ORDER BY id")
    return [decode(bytes(row["body"])) for row in rows]
