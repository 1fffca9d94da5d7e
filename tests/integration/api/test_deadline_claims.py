"""Claiming late jobs: the one in memory and Postgres promise the same; many processes share."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.api.models import Job, Status
from services.api.unit_of_work import OpenUnitOfWork
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.unit.api.builders import a_new_request

NOW = datetime.now(UTC)
LATE = NOW - timedelta(seconds=5)
SOON = NOW + timedelta(days=1)


async def stored(unit_of_work: OpenUnitOfWork, **changes: Any) -> Job:
    status = changes.pop("status", Status.QUEUED)
    request = a_new_request(created_at=NOW, updated_at=NOW, **changes)
    async with unit_of_work() as work:
        await work.acceptance.add([request])
    if status is not Status.QUEUED:
        async with unit_of_work() as work:
            await work.projection.update([replace(request.job, status=status)])
    return request.job


async def not_started(unit_of_work: OpenUnitOfWork) -> list[UUID]:
    async with unit_of_work() as work:
        return [job.id for job in await work.deadlines.claim_not_started(NOW)]


async def not_finished(
    unit_of_work: OpenUnitOfWork, now: datetime = NOW, again: timedelta = timedelta(hours=1)
) -> list[UUID]:
    async with unit_of_work() as work:
        return [job.id for job in await work.deadlines.claim_not_finished(now, now - again)]


async def test_a_job_that_did_not_start_is_claimed_once_and_only_while_it_waits(
    unit_of_work: OpenUnitOfWork,
) -> None:
    late = await stored(unit_of_work, deadline_at=LATE)
    await stored(unit_of_work, deadline_at=LATE, status=Status.RUNNING)
    await stored(unit_of_work, deadline_at=SOON)
    await stored(unit_of_work)

    assert await not_started(unit_of_work) == [late.id]
    assert await not_started(unit_of_work) == []


async def test_a_job_that_did_not_end_is_claimed_unless_it_was_claimed_lately(
    unit_of_work: OpenUnitOfWork,
) -> None:
    unfinished = [Status.QUEUED, Status.RUNNING, Status.RETRYING, Status.CANCELING]
    late = {(await stored(unit_of_work, finish_by=LATE, status=s)).id for s in unfinished}
    for status in (Status.READY, Status.FAILED, Status.CANCELED, Status.EXPIRED):
        await stored(unit_of_work, finish_by=LATE, status=status)
    await stored(unit_of_work, finish_by=SOON)

    assert set(await not_finished(unit_of_work)) == late
    assert await not_finished(unit_of_work) == []
    assert set(await not_finished(unit_of_work, NOW + timedelta(hours=1))) == late


async def test_a_job_can_miss_both(unit_of_work: OpenUnitOfWork) -> None:
    job = await stored(unit_of_work, deadline_at=LATE, finish_by=LATE)

    assert await not_started(unit_of_work) == [job.id]
    assert await not_finished(unit_of_work) == [job.id]


async def test_many_processes_claim_each_late_job_once(postgres: OpenUnitOfWork) -> None:
    requests = [a_new_request(deadline_at=LATE, finish_by=LATE) for _ in range(2000)]
    async with postgres() as work:
        await work.acceptance.add(requests)

    async def claim() -> list[UUID]:
        claimed = []
        while found := [*await not_started(postgres), *await not_finished(postgres)]:
            claimed += found
        return claimed

    claimed = [
        one for several in await asyncio.gather(*(claim() for _ in range(6))) for one in several
    ]

    assert sorted(claimed) == sorted(request.job.id for request in requests for _ in range(2))


NOT_STARTED = """
SELECT id FROM job WHERE status = 'queued' AND overdue_at IS NULL AND deadline_at <= now()
ORDER BY deadline_at LIMIT 500
"""
NOT_FINISHED = """
SELECT id FROM job
WHERE status IN ('queued', 'running', 'retrying', 'needs_reconciliation', 'canceling')
  AND finish_by <= now() AND (overtime_at IS NULL OR overtime_at <= now())
ORDER BY finish_by LIMIT 500
"""


@pytest.mark.parametrize(
    ("statement", "index"), [(NOT_STARTED, "job_deadline"), (NOT_FINISHED, "job_unfinished")]
)
def test_looking_for_late_jobs_reads_an_index(
    make_database: MakeDatabase, statement: str, index: str
) -> None:
    url = make_database("api")
    rows = (
        "INSERT INTO job (id, tenant, generator, lane, status, version, input, correlation_id, "
        "created_at, updated_at, max_attempts, deadline_at, finish_by) "
        "SELECT gen_random_uuid(), 't', 'card', 'batch', (ARRAY['queued', 'ready'])[1 + n % 2], 0, "
        "'{}', '', now(), now(), 5, now() + interval '1 day', now() + interval '1 day' "
        "FROM generate_series(1, 5000) AS n RETURNING 1"
    )
    query(url, rows)
    query(url, "ANALYZE job")

    plan = str(query(url, f"EXPLAIN {statement}"))

    assert index in plan
    assert "Seq Scan" not in plan
