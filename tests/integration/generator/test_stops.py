"""Wishes, deadlines, and what nobody else would end."""

import asyncio

from services.generator.models import Cause
from services.generator.service import events
from services.generator.service.stopping import StopService
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.events import MediaGenerationCanceled, MediaGenerationFailed
from tests.integration.generator.steps import (
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


def service(unit_of_work: OpenUnitOfWork, flagged: list[int] | None = None) -> StopService:
    calls = flagged if flagged is not None else []
    return StopService(unit_of_work, "w1", SystemClock(), lambda: calls.append(1))


async def test_a_waiting_job_is_canceled_at_once(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = a_job()
    await admit(unit_of_work, job)

    await service(unit_of_work).handle([a_wish(job.id)])

    assert job_row(database_url, job.id)["status"] == "canceled"
    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerationCanceled)
    assert (event.subject, event.data.metadata) == (str(job.id), {"order": 7})
    assert await claim(unit_of_work) == []


async def test_a_job_between_two_attempts_is_canceled_with_its_last_one(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    await service(unit_of_work).handle([a_wish(job.id)])

    event = said(database_url)[-1]
    assert isinstance(event.data, MediaGenerationCanceled)
    assert event.data.attempt is not None
    assert (event.data.attempt.number, event.data.attempt.outcome) == (1, "failed")


async def test_a_running_job_is_flagged_for_its_worker(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    flagged: list[int] = []

    await service(unit_of_work, flagged).handle([a_wish(job.id)])

    assert job_row(database_url, job.id)["status"] == "running"
    assert (flagged, said(database_url)) == ([1], [])


async def test_a_request_that_comes_after_its_cancellation_is_never_started(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = a_job()

    await service(unit_of_work).handle([a_wish(job.id)])
    assert await admit(unit_of_work, job) == 0

    assert await claim(unit_of_work) == []
    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerationCanceled)


async def test_a_wish_for_what_is_over_changes_nothing(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await record(unit_of_work, VERDICTS.generated(job, ()))

    assert await stop(unit_of_work, a_wish(job.id)) == ([], False)
    assert job_row(database_url, job.id)["status"] == "generated"


async def test_the_same_wish_again_says_nothing_again(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job_id = uuid7()

    for _ in range(3):
        await service(unit_of_work).handle([a_wish(job_id), a_wish(job_id)])

    assert len(said(database_url)) == 1


async def test_a_deadline_stops_only_what_was_never_started(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    waiting, running, retrying = a_job(), a_job(tenant="b"), a_job(tenant="c")
    await admit(unit_of_work, running, retrying)
    for job in await claim(unit_of_work, 2):
        if job.id == retrying.id:
            await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))
    await admit(unit_of_work, waiting)

    wishes = [a_wish(job.id, Cause.START) for job in (waiting, running, retrying)]
    stopped, _ = await stop(unit_of_work, *wishes)

    assert stopped == [waiting.id]


async def test_a_job_is_either_canceled_before_its_start_or_flagged(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    jobs = [a_job() for _ in range(40)]
    await admit(unit_of_work, *jobs)

    await asyncio.gather(
        *(claim(unit_of_work, 5) for _ in range(8)),
        *(stop(unit_of_work, a_wish(job.id)) for job in jobs),
    )

    for job in jobs:
        row = job_row(database_url, job.id)
        assert row["cancel_requested_at"] is not None
        assert row["status"] in {"canceled", "running"}


async def test_a_lease_that_expired_in_the_last_attempt_fails_the_job(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job(max_attempts=1))
    [job] = await claim(unit_of_work, lease=EXPIRED)

    await service(unit_of_work).reap()
    await service(unit_of_work).reap()

    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerationFailed)
    assert event.data.failure.code == "worker_lost"
    assert event.data.attempt is not None
    assert (event.data.attempt.number, event.data.attempt.outcome) == (1, "lost")
    assert attempt_rows(database_url, job.id)[0]["outcome"] == "lost"
    assert job_row(database_url, job.id)["status"] == "failed"


async def test_a_job_whose_worker_died_with_a_wish_to_stop_is_canceled(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job())
    [job] = await claim(unit_of_work, lease=EXPIRED)
    await stop(unit_of_work, a_wish(job.id))

    await service(unit_of_work).reap()

    [event] = said(database_url)
    assert isinstance(event.data, MediaGenerationCanceled)
    assert job_row(database_url, job.id)["status"] == "canceled"


async def test_a_retry_that_nobody_wants_any_more_is_canceled(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)
    await stop(unit_of_work, a_wish(job.id))
    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    await service(unit_of_work).reap()

    event = said(database_url)[-1]
    assert isinstance(event.data, MediaGenerationCanceled)
    assert event.data.attempt is not None
    assert event.data.attempt.outcome == "failed"


async def test_living_jobs_are_not_reaped(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, a_job())
    await admit_and_claim(unit_of_work, max_attempts=1)

    async with unit_of_work() as work:
        assert await work.reaping.reap(events.WORKER_LOST) == []
