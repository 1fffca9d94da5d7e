"""Workers that are lost: how often, after an outage, and whatever their clocks say."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.generator.service import events
from services.generator.service.stopping import StopService
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock
from shared.events import MediaGenerationFailed
from tests.integration.generator.steps import (
    LEASE,
    TRANSIENT,
    VERDICTS,
    a_job,
    admit,
    admit_and_claim,
    attempt_rows,
    claim,
    record,
    said,
)
from tests.integration.generator.test_claims import EXPIRED

HOUR = timedelta(hours=1)


@pytest.fixture
def stops(unit_of_work: OpenUnitOfWork) -> StopService:
    return StopService(unit_of_work, "w1", SystemClock(), lambda: None)


async def test_a_third_worker_that_is_lost_ends_the_job(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    await admit(unit_of_work, a_job(max_attempts=10))
    for number in (1, 2, 3):
        [job] = await claim(unit_of_work, worker=f"w{number}", lease=EXPIRED)
        assert job.attempt == number

    assert await claim(unit_of_work) == []
    await stops.reap()

    data = said(database_url)[-1].data
    assert isinstance(data, MediaGenerationFailed)
    assert data.failure.code == "worker_lost"
    assert [row["outcome"] for row in attempt_rows(database_url, job.id)] == ["lost"] * 3


async def test_failures_between_do_not_count_as_losses(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, a_job(max_attempts=10))
    for lease in (EXPIRED, LEASE, EXPIRED):
        [job] = await claim(unit_of_work, lease=lease)
        if lease is LEASE:
            await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    [again] = await claim(unit_of_work)

    assert (again.attempt, again.setbacks) == (4, {"lost": 2, "transient": 1})


async def test_right_after_an_outage_nobody_is_lost(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job(max_attempts=1), a_job())
    await claim(unit_of_work, 2, lease=EXPIRED)

    async with unit_of_work() as work:
        assert await work.reaping.reap(events.WORKER_LOST, take_over=False) == []
        taken = await work.claims.claim_waiting(["card"], slots=2, worker="w2", lease=LEASE)
    assert taken == []


async def test_the_delay_of_a_retry_is_counted_by_postgres_whatever_the_workers_clock_says(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    released = VERDICTS.released(job)

    await record(unit_of_work, replace(released, ended_at=SystemClock().now() + HOUR))

    assert len(await claim(unit_of_work)) == 1
