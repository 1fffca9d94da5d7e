"""Admission that begins what it admits: where that is fair, and where it is not."""

from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import Connection

from services.generator.models import Admitted, ControlWord, GeneratorTable, NewJob
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.service.migrate import Migrations
from tests.backends.databases import execute, query
from tests.conftest import MakeDatabase
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
    generated,
    job_row,
    record,
    stop,
)

PAST = timedelta(seconds=-1)


async def begin(unit_of_work: OpenUnitOfWork, *jobs: NewJob) -> Admitted:
    async with unit_of_work() as work:
        work.alone()
        return await work.admission.add_and_begin(jobs, ["card", "art"], worker="w1", lease=LEASE)


async def test_what_is_admitted_is_in_hand_as_if_it_had_been_claimed(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    asked = a_job(finish_by=SystemClock().now() + timedelta(hours=1))

    admitted = await begin(unit_of_work, asked)

    [job] = admitted.begun
    assert admitted.waiting == 0
    assert (job.id, job.attempt, job.fence, job.input) == (asked.id, 1, 1, asked.input)
    assert job.time_left is not None
    assert timedelta(minutes=59) < job.time_left <= timedelta(hours=1)
    [attempt] = attempt_rows(database_url, job.id)
    assert (attempt["outcome"], attempt["worker"], attempt["fence"]) == ("running", "w1", 1)
    assert attempt["started_at"] == job.started_at
    assert await claim(unit_of_work) == []
    assert await record(unit_of_work, generated(job)) == {job.id}


async def test_what_comes_twice_begins_once(unit_of_work: OpenUnitOfWork) -> None:
    asked = a_job()

    first = await begin(unit_of_work, asked, asked)
    again = await begin(unit_of_work, asked)

    assert ([job.id for job in first.begun], first.waiting) == ([asked.id], 0)
    assert (again.begun, again.waiting) == ([], 0)


@pytest.mark.parametrize("generator", ["card", "art"])
async def test_nothing_overtakes_what_waits(unit_of_work: OpenUnitOfWork, generator: str) -> None:
    await admit(unit_of_work, a_job(generator=generator))

    admitted = await begin(unit_of_work, a_job())

    assert (admitted.begun, admitted.waiting) == ([], 1)
    assert len(await claim(unit_of_work, 5, generators=("card", "art"))) == 2


async def test_what_may_not_begin_now_holds_nobody_up(unit_of_work: OpenUnitOfWork) -> None:
    late = SystemClock().now() + PAST
    await admit(unit_of_work, a_job(deadline_at=late), a_job(finish_by=late))
    retried = await admit_and_claim(unit_of_work)
    setback = replace(TRANSIENT, retry_after=timedelta(hours=1))
    await record(unit_of_work, VERDICTS.failed(retried, setback))

    admitted = await begin(unit_of_work, a_job(), a_job(deadline_at=late))

    assert (len(admitted.begun), admitted.waiting) == (1, 1)


async def test_what_is_paused_waits(unit_of_work: OpenUnitOfWork) -> None:
    async with unit_of_work() as work:
        await work.controls.record([ControlWord("card", True, SystemClock().now(), "m1")])

    admitted = await begin(unit_of_work, a_job())
    other = await begin(unit_of_work, a_job(generator="art"))

    assert (admitted.begun, admitted.waiting) == ([], 1)
    assert len(other.begun) == 1


async def test_what_was_canceled_before_it_came_never_begins(
    unit_of_work: OpenUnitOfWork, database_url: str
) -> None:
    asked = a_job()
    await stop(unit_of_work, a_wish(asked.id))

    admitted = await begin(unit_of_work, asked)

    assert (admitted.begun, admitted.waiting) == ([], 0)
    assert job_row(database_url, asked.id)["status"] == "canceled"


async def test_a_database_with_attempts_that_run_is_migrated(make_database: MakeDatabase) -> None:
    url = make_database(None)
    migrations = Migrations("generator", url)

    def before(connection: Connection) -> None:
        migrations._config.attributes["connection"] = connection
        command.upgrade(migrations._config, "0003")

    await migrations._run(before)
    running, ended = uuid7(), uuid7()
    for job_id, status, finished in ((running, "running", "NULL"), (ended, "failed", "now()")):
        execute(
            url,
            "INSERT INTO job (id, tenant, generator, lane, status, input, request, attempt, fence, "
            f"max_attempts, worker, requested_at, finished_at) VALUES ('{job_id}', 'default', "
            f"'card', 'batch', '{status}', '{{}}', '{{}}', 2, 2, 5, 'w1', now(), {finished})",
            f"INSERT INTO attempt VALUES ('{job_id}', 1, 1, 'w0', 'local', now(), now(), 'failed')",
            f"INSERT INTO attempt VALUES ('{job_id}', 2, 2, 'w1', 'local', now(), {finished}, "
            f"'{'running' if status == 'running' else 'failed'}')",
        )
    before_upgrade = query(url, "SELECT * FROM attempt ORDER BY job_id, number")

    await migrations.upgrade()

    assert await migrations.problems(GeneratorTable.metadata) == []
    assert query(url, "SELECT * FROM attempt ORDER BY job_id, number") == before_upgrade
    kept = query(url, "SELECT job_id, number FROM ended_attempt WHERE job_id = $1", running)
    assert [row["number"] for row in kept] == [1]
