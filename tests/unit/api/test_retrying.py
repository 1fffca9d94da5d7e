"""Retrying what did not become ready: a new job that knows which one it repeats."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.api.models import Job, Status
from services.api.routes.schemas import JobOut
from shared.clock import uuid7
from shared.events import MediaRequested
from shared.testing import MOMENT
from tests.unit.api.builders import a_job, an_announced_generator
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem


def stored(database: FakeDatabase, **changes: Any) -> Job:
    job = a_job(**changes)
    database.tables.jobs[job.id] = job
    return job


async def retried(client: httpx.AsyncClient, job: Job, **headers: str) -> httpx.Response:
    return await client.post(f"/v1/media/{job.id}/retry", headers=headers)


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELED, Status.EXPIRED])
async def test_the_new_job_asks_for_the_same_and_says_what_it_repeats(
    client: httpx.AsyncClient, database: FakeDatabase, status: Status
) -> None:
    job = stored(
        database,
        status=status,
        created_at=MOMENT - timedelta(days=3),
        lane="batch",
        metadata={"order": 7},
        webhook={"url": "https://a.example", "events": ["media.ready"]},
        deadline_at=MOMENT - timedelta(days=3) + timedelta(seconds=90),
        attempt_timeout_seconds=30,
        total_timeout_seconds=600,
        max_attempts=2,
        expires_in=3600,
        attempts=({"number": 1},),
    )

    response = await retried(client, job)

    new = database.tables.jobs[JobOut.model_validate_json(response.content).id]
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/media/{new.id}"
    assert new.retried_from == job.id != new.id
    assert (new.status, new.attempts) == (Status.QUEUED, ())
    same = "tenant generator lane input metadata webhook expires_in max_attempts correlation_id"
    for name in same.split():
        assert getattr(new, name) == getattr(job, name), name
    assert new.deadline_at == MOMENT + timedelta(seconds=90)
    assert new.finish_by == MOMENT + timedelta(seconds=600)
    assert (new.attempt_timeout_seconds, new.total_timeout_seconds) == (30, 600)
    [event] = database.tables.outbox
    assert isinstance(event.data, MediaRequested)
    assert event.data.retried_from == job.id


async def test_what_the_defaults_gave_is_given_by_the_defaults_again(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job = stored(database, status=Status.FAILED, max_attempts=100, finish_by=MOMENT)

    new = (await retried(client, job)).json()

    assert (new["max_attempts"], new["total_timeout_seconds"]) == (5, None)
    assert new["finish_by"] == "2026-01-09T03:04:05.000000Z"


async def test_only_what_ended_without_media_can_be_retried(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    running = stored(database, status=Status.RUNNING)
    ready = stored(database, status=Status.READY)
    other = stored(database, status=Status.FAILED, tenant="acme")

    found = problem(await retried(client, running), 409, "not_final")
    assert "running" in found.detail
    problem(await retried(client, ready), 409, "already_ready")
    problem(await retried(client, other), 404, "not_found")
    problem(await client.post("/v1/media/garbage/retry"), 404, "not_found")


async def test_the_answer_says_where_to_retry_only_when_that_is_possible(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    failed, running = (
        stored(database, status=status) for status in (Status.FAILED, Status.RUNNING)
    )

    urls = [(await client.get(f"/v1/media/{job.id}")).json()["urls"] for job in (failed, running)]

    assert [url.get("retry") for url in urls] == [f"/v1/media/{failed.id}/retry", None]


async def test_a_retry_sent_again_with_its_key_is_one_job(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job, other = (stored(database, status=Status.FAILED) for _ in range(2))
    key = {"Idempotency-Key": "again"}

    first = await retried(client, job, **key)
    again = await retried(client, job, **key)
    reused = await retried(client, other, **key)

    assert first.json()["id"] == again.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"
    problem(reused, 422, "idempotency_key_reused")


async def test_the_input_is_checked_against_what_the_generator_takes_now(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    schema = {"type": "object", "required": ["subtitle"]}
    card = an_announced_generator(input_schema=schema, announced_at=MOMENT + timedelta(days=1))
    database.tables.generators["card"] = card

    found = problem(
        await retried(client, stored(database, status=Status.FAILED)), 422, "invalid_input"
    )
    gone = stored(database, status=Status.FAILED, generator="gone")

    assert [error.pointer for error in found.errors or ()] == ["/input/subtitle"]
    problem(await retried(client, gone), 422, "unknown_generator")


async def test_retries_of_one_job_are_listed(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job = stored(database, status=Status.FAILED)
    new = (await retried(client, job)).json()

    async def listed(of: object) -> list[str]:
        items = (await client.get(f"/v1/media?retried_from={of}")).json()["items"]
        return [item["id"] for item in items]

    assert await listed(job.id) == [new["id"]]
    assert await listed(uuid7()) == []
