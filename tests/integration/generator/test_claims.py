"""Claiming: one winner, the best job first, nobody starves, nothing is lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock
from shared.events import Lane
from tests.integration.generator.steps import (
    PERMANENT,
    TRANSIENT,
    VERDICTS,
    a_job,
    a_wish,
    admit,
    admit_and_claim,
    attempt_rows,
    claim,
    generated,
    job_row,
    record,
    stop,
)

EXPIRED = timedelta(seconds=-1)


async def test_sixteen_claimers_have_one_winner(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, a_job())

    claims = await asyncio.gather(
        *(claim(unit_of_work, worker=f"w{number}") for number in range(16))
    )

    assert sum(len(jobs) for jobs in claims) == 1


async def test_sixteen_claimers_share_all_jobs_without_any_twice(
    unit_of_work: OpenUnitOfWork,
) -> None:
    jobs = [a_job() for _ in range(100)]
    await admit(unit_of_work, *jobs)

    claims = await asyncio.gather(*(claim(unit_of_work, 7) for _ in range(16)))
    claims.append(await claim(unit_of_work, 100))

    claimed = [job.id for jobs in claims for job in jobs]
    assert len(claimed) == len(set(claimed)) == 100


async def test_a_claim_opens_an_attempt_under_a_new_fence(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)

    assert (job.attempt, job.fence, job.input) == (1, 1, {"title": "Hello"})
    assert job.brief.metadata == {"order": 7}
    assert job.brief.origin.correlationid == "corr"
    [attempt] = attempt_rows(database_url, job.id)
    assert (attempt["outcome"], attempt["worker"], attempt["fence"]) == ("running", "w1", 1)


async def test_interactive_comes_before_older_batch(unit_of_work: OpenUnitOfWork) -> None:
    before = SystemClock().now() - timedelta(hours=1)
    patient, urgent = a_job(lane=Lane.BATCH, requested_at=before), a_job()
    await admit(unit_of_work, patient, urgent)

    [first] = await claim(unit_of_work)
    [second] = await claim(unit_of_work)

    assert (first.id, second.id) == (urgent.id, patient.id)


async def test_a_tenant_with_many_jobs_does_not_hold_up_another(
    unit_of_work: OpenUnitOfWork,
) -> None:
    crowd = [a_job(tenant="large") for _ in range(20)]
    await admit(unit_of_work, *crowd)
    await admit(unit_of_work, a_job(tenant="small"))

    claimed = await claim(unit_of_work, 2)

    assert {job.tenant for job in claimed} == {"large", "small"}


async def test_what_runs_counts_against_a_tenants_turn(unit_of_work: OpenUnitOfWork) -> None:
    await admit(unit_of_work, *(a_job(tenant="large") for _ in range(4)))
    await claim(unit_of_work, 2)
    await admit(unit_of_work, *(a_job(tenant="small") for _ in range(2)))

    claimed = await claim(unit_of_work, 2)

    assert {job.tenant for job in claimed} == {"small"}


async def test_a_generator_with_many_jobs_does_not_hold_up_another(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, *(a_job(generator="video") for _ in range(20)))
    await claim(unit_of_work, 1, generators=("video", "card"))
    await admit(unit_of_work, a_job(generator="card"))

    [next_one] = await claim(unit_of_work, 1, generators=("video", "card"))

    assert next_one.generator == "card"


async def test_jobs_of_generators_that_are_not_hosted_are_left(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, a_job(generator="video"))

    assert await claim(unit_of_work, generators=("card", "art")) == []


async def test_a_job_whose_deadline_has_passed_is_not_started(
    unit_of_work: OpenUnitOfWork,
) -> None:
    late = SystemClock().now() - timedelta(seconds=1)
    await admit(unit_of_work, a_job(deadline_at=late))

    assert await claim(unit_of_work) == []


async def test_a_retry_waits_for_its_time(unit_of_work: OpenUnitOfWork) -> None:
    job = await admit_and_claim(unit_of_work)
    setback = replace(TRANSIENT, retry_after=timedelta(hours=1))

    await record(unit_of_work, VERDICTS.failed(job, setback))

    assert await claim(unit_of_work) == []


async def test_a_failed_attempt_is_followed_by_another(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work)

    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))
    [again] = await claim(unit_of_work)

    assert (again.attempt, again.fence) == (2, 2)
    assert [row["outcome"] for row in attempt_rows(database_url, job.id)] == ["failed", "running"]


async def test_an_expired_lease_is_taken_over_and_the_lost_attempt_recorded(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    await admit(unit_of_work, a_job())
    [lost] = await claim(unit_of_work, worker="dead", lease=EXPIRED)

    [taken] = await claim(unit_of_work, worker="alive")

    assert (taken.id, taken.attempt, taken.fence) == (lost.id, 2, 2)
    assert taken.lost is not None
    assert (taken.lost.number, taken.lost.worker) == (1, "dead")
    first, second = attempt_rows(database_url, lost.id)
    assert (first["outcome"], first["ended_at"] is None) == ("lost", False)
    assert (second["outcome"], second["worker"]) == ("running", "alive")


async def test_a_lease_that_holds_is_not_taken_over(unit_of_work: OpenUnitOfWork) -> None:
    await admit_and_claim(unit_of_work)

    assert await claim(unit_of_work, worker="greedy") == []


async def test_a_job_whose_attempts_are_used_up_is_not_taken_over(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, a_job(max_attempts=1))
    await claim(unit_of_work, lease=EXPIRED)

    assert await claim(unit_of_work) == []


async def test_a_released_job_starts_again_and_has_all_its_attempts_left(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    job = await admit_and_claim(unit_of_work, max_attempts=1)

    await record(unit_of_work, VERDICTS.released(job))
    [again] = await claim(unit_of_work)

    assert (again.attempt, again.max_attempts) == (2, 2)
    assert attempt_rows(database_url, job.id)[0]["outcome"] == "lost"


async def test_final_jobs_are_never_claimed(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    jobs = [a_job() for _ in range(3)]
    await admit(unit_of_work, *jobs)
    first, second, third = await claim(unit_of_work, 3)
    await record(
        unit_of_work,
        generated(first),
        VERDICTS.failed(second, PERMANENT),
        VERDICTS.canceled(third),
    )

    assert await claim(unit_of_work, 3) == []
    ends = [job_row(database_url, job.id) for job in (first, second, third)]
    assert [row["status"] for row in ends] == ["generated", "failed", "canceled"]
    assert all(row["finished_at"] is not None for row in ends)


async def test_a_job_that_is_to_be_stopped_is_not_started_again(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await admit_and_claim(unit_of_work)
    await stop(unit_of_work, a_wish(job.id))

    await record(unit_of_work, VERDICTS.failed(job, TRANSIENT))

    assert await claim(unit_of_work) == []
