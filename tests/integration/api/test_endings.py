"""The statement that ends jobs says of every job what the pure function says."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from services.api.models import Ended, Job, NewRequest, Status
from services.api.repository.endings import FINISH
from services.api.repository.projection import LoggedEvent
from services.api.service.transitions import ending, project
from services.api.unit_of_work import OpenUnitOfWork
from shared.database.statements import rendered
from shared.events import CloudEvent, Message, encode
from shared.events.parts import FINAL_VERSION, version_of
from shared.testing import (
    MOMENT,
    a_failed_attempt,
    a_media_canceled,
    a_media_expired,
    a_media_failed,
    a_media_ready,
    an_attempt,
    an_event,
)
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.unit.api.builders import a_new_request

LATER, EARLIER = MOMENT + timedelta(hours=1), MOMENT - timedelta(hours=1)


def as_json(**changes: Any) -> dict[str, Any]:
    """An attempt as rows keep it."""
    return an_attempt(**changes).model_dump(mode="json", exclude_none=True)


BEGUN = as_json(number=1, started_at=EARLIER, ended_at=None, outcome="running")
OVER = as_json(number=1, started_at=EARLIER, ended_at=MOMENT, outcome="failed")
BEGUN_AGAIN = as_json(number=2, started_at=MOMENT, ended_at=None, outcome="running")
RUNNING = {"status": Status.RUNNING, "version": version_of(1, 1), "started_at": EARLIER}
STATES: dict[str, dict[str, Any]] = {
    "queued": {},
    "changed later": {"updated_at": LATER},
    "running": {**RUNNING, "attempts": (BEGUN,)},
    "canceling": {**RUNNING, "status": Status.CANCELING, "attempts": (BEGUN,)},
    "canceled before it began": {"status": Status.CANCELING},
    "retrying": {**RUNNING, "status": Status.RETRYING, "attempts": (OVER,)},
    "tried again": {**RUNNING, "version": version_of(2, 1), "attempts": (OVER, BEGUN_AGAIN)},
    "generated": {**RUNNING, "version": version_of(1, 3), "assets": ({"sha256": "ab" * 32},)},
    "ended": {"status": Status.FAILED, "version": FINAL_VERSION, "finished_at": MOMENT},
}
ENDS: dict[str, Callable[[], Message]] = {
    "ready": lambda: a_media_ready(attempt=an_attempt(number=1, ended_at=LATER)),
    "ready at the second try": lambda: a_media_ready(attempt=an_attempt(number=2, ended_at=LATER)),
    "ready, and nothing of how": lambda: a_media_ready(attempt=None),
    "ready, and the end of it unknown": lambda: a_media_ready(
        attempt=an_attempt(number=1, ended_at=None)
    ),
    "failed": lambda: a_media_failed(attempt=a_failed_attempt(number=1)),
    "canceled": lambda: a_media_canceled(attempt=None),
    "expired": lambda: a_media_expired(attempt=None),
}
STRAIGHT = {"queued", "changed later", "canceled before it began", "running", "canceling"}


def an_end(name: str, job_id: UUID) -> tuple[CloudEvent, LoggedEvent]:
    event = an_event(ENDS[name]().model_copy(update={"job_id": job_id}))
    return event, LoggedEvent.of(event, job_id, encode(event).decode())


@pytest.fixture
async def jobs(postgres: OpenUnitOfWork) -> dict[tuple[str, str], Job]:
    """A job for every state and end."""
    made: dict[tuple[str, str], NewRequest] = {
        (state, end): a_new_request() for state, end in product(STATES, ENDS)
    }
    jobs = {names: replace(one.job, **STATES[names[0]]) for names, one in made.items()}
    async with postgres() as work:
        await work.acceptance.add(list(made.values()))
        await work.projection.update(list(jobs.values()))
    return jobs


async def test_what_is_written_is_what_the_function_says(
    postgres: OpenUnitOfWork, jobs: dict[tuple[str, str], Job]
) -> None:
    ends = {names: an_end(names[1], job.id) for names, job in jobs.items()}

    async with postgres() as work:
        work.alone()
        said = [(end, line) for event, line in ends.values() if (end := ending(event))]
        written = {one.id: one for one in await work.endings.add(said)}
    async with postgres() as work:
        found = await work.projection.lock([job.id for job in jobs.values()])

    for names, job in jobs.items():
        after = project(job, ends[names][0])
        if job.id in written:
            assert found[job.id] == after, names
            assert after.finished_at is not None
            assert written[job.id] == Ended(
                job.id, job.generator, after.status, job.created_at, after.finished_at
            )
        else:
            assert found[job.id] == job, names


async def test_what_needs_no_merging_is_written_at_once(
    postgres: OpenUnitOfWork, jobs: dict[tuple[str, str], Job]
) -> None:
    ends = {names: an_end(names[1], job.id) for names, job in jobs.items()}
    straight = set(product(STRAIGHT, ("ready", "failed", "expired")))

    async with postgres() as work:
        said = [(end, line) for event, line in ends.values() if (end := ending(event))]
        written = {one.id for one in await work.endings.add(said)}
        again = await work.endings.add(said)

    assert {jobs[names].id for names in straight} <= written
    assert not written & {jobs["ended", end].id for end in ENDS}
    assert again == []


def test_jobs_are_found_by_their_ids_however_many_have_not_ended(
    make_database: MakeDatabase,
) -> None:
    url = make_database("api")
    query(
        url,
        "INSERT INTO job (id, tenant, generator, lane, status, version, input, correlation_id, "
        "created_at, updated_at, max_attempts, finish_by) "
        "SELECT gen_random_uuid(), 't', 'card', 'batch', 'ready', 0, '{}', '', now(), now(), 5, "
        "now() FROM generate_series(1, 5000) RETURNING 1",
    )
    query(url, "ANALYZE job")  # it sees that nearly all have ended

    ten = "ARRAY(SELECT NULL FROM generate_series(1, 10))"
    plan = str(query(url, "EXPLAIN " + re.sub(r"CAST\(\$\d+", f"CAST({ten}", rendered(FINISH).sql)))

    assert "job_pkey" in plan
    assert "job_unfinished" not in plan
