"""Deadlines in the tables: nothing begun too late, all ended in time, for a reason that lasts."""

import asyncio
from datetime import datetime, timedelta

import pytest

from services.generator.models import Cause
from services.generator.service.stopping import StopService
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.events import (
    Deadline,
    MediaDeadlineMet,
    MediaGenerationCanceled,
    Message,
)
from tests.backends.databases import execute
from tests.integration.generator.steps import (
    LEASE,
    TRANSIENT,
    VERDICTS,
    a_job,
    a_wish,
    admit,
    admit_and_claim,
    attempt_rows,
    claim,
    job_row,
    record,
    said,
    stop,
)
from tests.integration.generator.test_claims import EXPIRED

HOUR = timedelta(hours=1)


def a_moment_ago() -> datetime:
    return SystemClock().now() - timedelta(seconds=1)


def in_an_hour() -> datetime:
    return SystemClock().now() + HOUR


def let_it_be_overdue(database_url: str) -> None:
    """Every job should have been finished a second ago."""
    execute(database_url, "UPDATE job SET finish_by = now() - interval '1 second'")


@pytest.fixture
def stops(unit_of_work: OpenUnitOfWork) -> StopService:
    return StopService(unit_of_work, "w1", SystemClock(), lambda: None)


def last_word(database_url: str) -> Message:
    return said(database_url)[-1].data


def must_say_overdue(data: Message, deadline: Deadline) -> None:
    assert isinstance(data, MediaGenerationCanceled)
    assert (data.reason, data.deadline) == ("deadline_passed", deadline)


async def test_a_claimed_job_knows_its_limits_as_postgres_sees_them(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await admit_and_claim(
        unit_of_work, finish_by=in_an_hour(), attempt_timeout=timedelta(seconds=9)
    )

    assert job.time_left is not None
    assert HOUR - timedelta(minutes=1) < job.time_left <= HOUR
    assert job.attempt_timeout == timedelta(seconds=9)


async def test_a_job_without_limits_has_none(unit_of_work: OpenUnitOfWork) -> None:
    job = await admit_and_claim(unit_of_work)

    assert (job.time_left, job.attempt_timeout) == (None, None)


async def test_nothing_is_begun_after_it_had_to_be_finished(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, *(a_job(tenant=tenant) for tenant in "ab"))
    retried, lost = await claim(unit_of_work, 2, lease=EXPIRED)
    await record(unit_of_work, VERDICTS.failed(retried, TRANSIENT))
    await admit(unit_of_work, a_job(tenant="c"))
    let_it_be_overdue(database_url)

    assert await claim(unit_of_work, 3) == []
    execute(database_url, "UPDATE job SET finish_by = now() + interval '1 hour'")
    assert len(await claim(unit_of_work, 3)) == 3
    assert lost.attempt == 1


async def test_what_waits_past_its_end_is_ended_by_whoever_looks(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    retried = await admit_and_claim(unit_of_work)
    await record(unit_of_work, VERDICTS.failed(retried, TRANSIENT))
    let_it_be_overdue(database_url)

    await stops.reap()
    await stops.reap()

    data = last_word(database_url)
    must_say_overdue(data, Deadline.TOTAL)
    assert isinstance(data, MediaGenerationCanceled)
    assert data.attempt is not None
    assert (data.attempt.number, data.attempt.outcome) == (1, "failed")
    assert len(said(database_url)) == 2
    assert job_row(database_url, retried.id)["status"] == "canceled"


async def test_what_never_began_in_time_is_ended_though_nobody_announces_it(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    begun = await admit_and_claim(unit_of_work, deadline_at=in_an_hour())
    await record(unit_of_work, VERDICTS.failed(begun, TRANSIENT))
    execute(database_url, "UPDATE job SET deadline_at = now() - interval '1 second'")
    waiting = a_job(deadline_at=a_moment_ago())
    await admit(unit_of_work, waiting)

    await stops.reap()

    must_say_overdue(last_word(database_url), Deadline.START)
    assert job_row(database_url, waiting.id)["status"] == "canceled"
    assert job_row(database_url, begun.id)["status"] == "retrying"


async def test_what_runs_past_its_end_is_left_to_its_worker_which_hears_why(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    flagged: list[int] = []
    job = await admit_and_claim(unit_of_work)
    let_it_be_overdue(database_url)

    service = StopService(unit_of_work, "w1", SystemClock(), lambda: flagged.append(1))
    await service.reap()
    await service.reap()

    assert (flagged, said(database_url)) == ([1], [])
    async with unit_of_work() as work:
        assert await work.leases.renew([job.key], LEASE) == {job.key: Cause.TOTAL}


async def test_a_lost_job_past_its_end_ends_with_the_attempt_that_was_lost(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    await admit(unit_of_work, a_job())
    [job] = await claim(unit_of_work, lease=EXPIRED)
    let_it_be_overdue(database_url)

    await stops.reap()

    must_say_overdue(last_word(database_url), Deadline.TOTAL)
    assert attempt_rows(database_url, job.id)[0]["outcome"] == "lost"


async def test_many_who_look_end_each_job_once(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    await admit(unit_of_work, *(a_job(finish_by=a_moment_ago()) for _ in range(60)))

    await asyncio.gather(*(stops.reap() for _ in range(8)))

    subjects = [event.subject for event in said(database_url)]
    assert len(subjects) == len(set(subjects)) == 60


async def test_a_deadline_to_start_is_answered_when_an_attempt_has_begun(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    await admit(unit_of_work, *(a_job(tenant=tenant) for tenant in "ab"))
    running, retried = await claim(unit_of_work, 2)
    await record(unit_of_work, VERDICTS.failed(retried, TRANSIENT))
    before = len(said(database_url))

    await stops.handle([a_wish(job.id, Cause.START) for job in (running, retried)])

    met = said(database_url)[before:]
    assert {event.subject for event in met} == {str(running.id), str(retried.id)}
    assert all(isinstance(event.data, MediaDeadlineMet) for event in met)
    assert all(event.correlationid == "corr" for event in met)
    assert job_row(database_url, running.id)["cancel_requested_at"] is None


@pytest.mark.parametrize("known", [True, False])
async def test_a_deadline_to_start_ends_what_has_not_begun_or_has_not_come(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService, known: bool
) -> None:
    job = a_job()
    if known:
        await admit(unit_of_work, job)

    await stops.handle([a_wish(job.id, Cause.START)])

    must_say_overdue(last_word(database_url), Deadline.START)
    assert await admit(unit_of_work, job) == 0


async def test_a_deadline_to_start_says_nothing_of_what_is_over(
    unit_of_work: OpenUnitOfWork, database_url: str, stops: StopService
) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, VERDICTS.generated(job, ()))

    await stops.handle([a_wish(job.id, Cause.START)])

    assert len(said(database_url)) == 1


async def test_a_total_deadline_ends_what_waits_and_flags_what_runs(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    running, waiting = await admit_and_claim(unit_of_work), a_job()
    await admit(unit_of_work, waiting)

    wishes = [a_wish(job.id, Cause.TOTAL) for job in (running, waiting)]
    assert await stop(unit_of_work, *wishes) == ([waiting.id], True)

    async with unit_of_work() as work:
        assert await work.leases.renew([running.key], LEASE) == {running.key: Cause.TOTAL}


@pytest.mark.parametrize(
    ("first", "second"), [(Cause.TOTAL, Cause.CANCELED), (Cause.CANCELED, Cause.TOTAL)]
)
async def test_the_first_reason_survives_until_the_job_ends(
    unit_of_work: OpenUnitOfWork,
    database_url: str,
    stops: StopService,
    first: Cause,
    second: Cause,
) -> None:
    job = await admit_and_claim(unit_of_work)
    await stop(unit_of_work, a_wish(job.id, first))
    await stop(unit_of_work, a_wish(job.id, second))
    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    await stops.reap()

    data = last_word(database_url)
    assert isinstance(data, MediaGenerationCanceled)
    assert (data.reason, data.deadline) == (first.reason, first.deadline)


@pytest.mark.parametrize("order", [1, -1])
async def test_of_several_wishes_in_a_batch_an_explicit_cancel_counts(
    database_url: str, stops: StopService, order: int
) -> None:
    job_id = uuid7()
    wishes = [a_wish(job_id, cause) for cause in (Cause.START, Cause.TOTAL, Cause.CANCELED)]

    await stops.handle(wishes[::order])

    data = last_word(database_url)
    assert isinstance(data, MediaGenerationCanceled)
    assert data.reason == "canceled"
