"""Results: recorded once, by whoever holds the fence, together with what is said."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.generator.service import events
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock
from shared.events import MediaGenerated, MediaGenerationFailed, MediaRetrying, MediaStarted
from tests.backends.databases import execute, query
from tests.integration.generator.steps import (
    PERMANENT,
    TRANSIENT,
    VERDICTS,
    a_job,
    admit,
    admit_and_claim,
    attempt_rows,
    claim,
    generated,
    job_row,
    record,
    said,
)
from tests.integration.generator.test_claims import EXPIRED


async def test_a_result_is_recorded_with_its_assets_its_attempt_and_its_event(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)

    assert await record(unit_of_work, generated(job)) == {job.id}

    [asset] = query(database_url, "SELECT * FROM asset WHERE job_id = $1", job.id)
    assert (asset["sha256"], asset["width"], asset["position"]) == ("ab" * 32, 1200, 0)
    [attempt] = attempt_rows(database_url, job.id)
    assert attempt["outcome"] == "succeeded"
    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerated)
    assert event.data.metadata == {"order": 7}
    assert (event.correlationid, event.causationid) == ("corr", "cause")
    assert job_row(database_url, job.id)["status"] == "generated"


async def test_the_attempt_that_succeeded_is_what_its_job_says(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))
    [again] = await claim(unit_of_work, worker="w2")

    await record(unit_of_work, generated(again))

    failed, succeeded = attempt_rows(database_url, job.id)
    assert (failed["number"], failed["worker"], failed["outcome"]) == (1, "w1", "failed")
    assert (succeeded["number"], succeeded["fence"]) == (2, again.fence)
    assert (succeeded["worker"], succeeded["outcome"]) == ("w2", "succeeded")
    assert succeeded["started_at"] == again.started_at <= succeeded["ended_at"]
    assert len(query(database_url, "SELECT * FROM ended_attempt")) == 1


async def test_the_attempt_that_an_older_version_has_written_is_shown_once(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, generated(job))
    execute(database_url, "UPDATE job SET worker = NULL")
    execute(
        database_url,
        "INSERT INTO ended_attempt (job_id, number, fence, worker, backend, started_at, ended_at, "
        "outcome) SELECT id, attempt, fence, 'old', 'local', started_at, now(), 'succeeded' "
        "FROM job",
    )

    [attempt] = attempt_rows(database_url, job.id)

    assert (attempt["worker"], attempt["outcome"]) == ("old", "succeeded")


async def test_a_stale_fence_changes_nothing_and_says_nothing(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job())
    [stale] = await claim(unit_of_work, lease=EXPIRED)
    [fresh] = await claim(unit_of_work)

    assert await record(unit_of_work, generated(stale)) == set()

    assert job_row(database_url, fresh.id)["status"] == "running"
    assert query(database_url, "SELECT * FROM asset") == []
    assert said(database_url) == []


async def test_a_stale_result_beside_the_one_that_counts_gets_no_word_in(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job())
    [stale] = await claim(unit_of_work, lease=EXPIRED)
    [fresh] = await claim(unit_of_work)

    await record(unit_of_work, VERDICTS.failed(stale, PERMANENT), generated(fresh))

    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerated)
    assert event.data.attempt.number == 2
    assert len(query(database_url, "SELECT * FROM asset")) == 1


async def test_a_result_counts_once_however_often_it_is_recorded(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)

    answers = await asyncio.gather(*(record(unit_of_work, generated(job)) for _ in range(8)))

    assert sorted(map(len, answers)) == [0] * 7 + [1]
    assert len(said(database_url)) == 1


async def test_two_processes_with_the_same_jobs_do_not_wait_for_each_other_for_ever(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, *(a_job() for _ in range(50)))
    jobs = await claim(unit_of_work, 50)
    forwards = [generated(job) for job in jobs]

    answers = await asyncio.gather(
        record(unit_of_work, *forwards), record(unit_of_work, *reversed(forwards))
    )

    counted: list[UUID] = [job_id for answer in answers for job_id in answer]
    assert len(counted) == len(set(counted)) == 50
    assert len(said(database_url)) == 50


async def test_a_passing_failure_is_said_with_the_time_of_the_next_attempt(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)

    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    [event] = said(database_url)
    assert isinstance(event.data, MediaRetrying)
    assert event.data.failure.code == "flaky_transient"
    row = job_row(database_url, job.id)
    assert row["status"] == "retrying"
    assert abs(row["available_at"] - event.data.next_attempt_at) < timedelta(seconds=5)


async def test_the_last_of_its_attempts_fails_the_job(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work, max_attempts=1)

    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerationFailed)
    assert event.data.failure.message == "It failed on purpose."
    [attempt] = attempt_rows(database_url, job.id)
    assert json.loads(attempt["failure"])["code"] == "flaky_transient"


async def test_a_text_that_postgres_cannot_hold_is_recorded_without_it(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work, input={"title": "nul: \0"})

    setback = replace(PERMANENT, message="bad byte \0 found")
    assert await record(unit_of_work, VERDICTS.failed(job, setback)) == {job.id}


async def test_the_start_of_an_attempt_is_said_only_while_it_runs(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job(), a_job())
    over, running = await claim(unit_of_work, 2)
    await record(unit_of_work, generated(over))
    now = SystemClock().now()
    news = [(job.key, events.started(job, VERDICTS.attempt(job), now)) for job in (over, running)]

    async with unit_of_work() as work:
        await work.results.say_while_running(news)

    started = [event for event in said(database_url) if isinstance(event.data, MediaStarted)]
    assert [event.subject for event in started] == [str(running.id)]
