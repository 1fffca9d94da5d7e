"""Deciding about jobs of which nobody knows whether a provider has taken them."""

from typing import Any

import httpx
import pytest

from services.api.models import Job, Status
from services.api.routes.schemas import JobOut
from services.api.service import ApiServices
from services.api.service.transitions import project
from shared.clock import uuid7
from shared.events import MediaReconciled, Resolution
from shared.testing import (
    FixedClock,
    a_media_generation_failed,
    a_media_needs_reconciliation,
    a_media_ready,
    a_media_started,
    an_attempt,
    an_event,
)
from tests.unit.api.builders import a_job, received
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

ATTACH = {"resolution": "attach", "provider_job_id": "p-1"}


@pytest.fixture
async def parked(services: ApiServices, database: FakeDatabase) -> Job:
    """It was asked for at replicate, and nothing was heard."""
    job = a_job(webhook={"url": "https://a.example"})
    database.tables.jobs[job.id] = job
    await services.projection.apply([received(a_media_needs_reconciliation(job_id=job.id))])
    return database.tables.jobs[job.id]


async def test_a_job_whose_outcome_nobody_knows_says_what_is_known(
    client: httpx.AsyncClient, parked: Job
) -> None:
    answer = await client.get(f"/v1/media/{parked.id}")

    job = JobOut.model_validate_json(answer.content)
    assert job.status is Status.NEEDS_RECONCILIATION
    assert job.reconciliation is not None
    assert (job.reconciliation.provider, job.reconciliation.provider_job_id) == ("replicate", None)
    assert job.reconciliation.resolution is None
    assert job.error is not None
    assert job.error.code == "outcome_unknown"
    assert job.urls.reconcile == f"/v1/media/{job.id}/reconcile"
    assert job.urls.cancel is not None
    listed = await client.get("/v1/media", params={"status": "needs_reconciliation"})
    assert [one["id"] for one in listed.json()["items"]] == [str(parked.id)]


@pytest.mark.parametrize("body", [ATTACH, {"resolution": "resubmit"}])
async def test_what_is_to_go_on_waits_for_its_next_attempt(
    client: httpx.AsyncClient, database: FakeDatabase, parked: Job, body: dict[str, str]
) -> None:
    answer = await client.post(f"/v1/media/{parked.id}/reconcile", json=body)

    assert answer.status_code == 202, answer.text
    job = JobOut.model_validate_json(answer.content)
    assert (job.status, job.error, job.reconciliation) == (Status.RETRYING, None, None)
    [event] = database.tables.outbox
    assert isinstance(event.data, MediaReconciled)
    assert event.data.resolution.value == body["resolution"]
    assert event.data.provider_job_id == body.get("provider_job_id")
    assert (event.data.attempt, event.correlationid) == (1, parked.correlation_id)
    assert event.data.webhook is not None
    assert event.id in database.tables.log


async def test_what_is_given_up_stays_until_it_has_failed(
    client: httpx.AsyncClient, database: FakeDatabase, parked: Job
) -> None:
    body = {"resolution": "fail", "reason": "The invoice does not show it."}

    answer = await client.post(f"/v1/media/{parked.id}/reconcile", json=body)

    job = JobOut.model_validate_json(answer.content)
    assert (answer.status_code, job.status) == (202, Status.NEEDS_RECONCILIATION)
    assert job.reconciliation is not None
    assert job.reconciliation.resolution is Resolution.FAIL
    [event] = database.tables.outbox
    assert isinstance(event.data, MediaReconciled)
    assert event.data.reason == body["reason"]


@pytest.mark.parametrize("body", [ATTACH, {"resolution": "fail"}])
async def test_deciding_the_same_again_changes_nothing(
    client: httpx.AsyncClient, database: FakeDatabase, parked: Job, body: dict[str, str]
) -> None:
    path = f"/v1/media/{parked.id}/reconcile"
    first = await client.post(path, json=body)

    again = await client.post(path, json=body)

    assert (again.status_code, again.json()) == (202, first.json())
    assert len(database.tables.outbox) == 1


async def test_a_decision_may_be_repeated_when_the_job_has_gone_on(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase, parked: Job
) -> None:
    path = f"/v1/media/{parked.id}/reconcile"
    await client.post(path, json=ATTACH)
    again = an_attempt(number=2)
    await services.projection.apply([received(a_media_ready(job_id=parked.id, attempt=again))])

    answer = await client.post(path, json=ATTACH)

    assert (answer.status_code, answer.json()["status"]) == (202, "ready")
    assert len(database.tables.outbox) == 1


async def test_what_is_in_doubt_is_so_until_something_newer_is_said(
    services: ApiServices, database: FakeDatabase, parked: Job
) -> None:
    running = a_media_started(job_id=parked.id, attempt=an_attempt(number=2, ended_at=None))

    await services.projection.apply([received(running)])

    job = database.tables.jobs[parked.id]
    assert (job.status, job.failure, job.reconciliation) == (Status.RUNNING, None, None)


@pytest.mark.parametrize("first", [ATTACH, {"resolution": "fail"}])
@pytest.mark.parametrize(
    "other", [{"resolution": "resubmit"}, {**ATTACH, "provider_job_id": "p-2"}]
)
async def test_another_decision_comes_too_late(
    client: httpx.AsyncClient, parked: Job, first: dict[str, str], other: dict[str, str]
) -> None:
    path = f"/v1/media/{parked.id}/reconcile"
    await client.post(path, json=first)

    problem(await client.post(path, json=other), 409, "nothing_to_reconcile")


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.READY, Status.CANCELING])
async def test_where_nothing_is_unknown_nothing_is_decided(
    client: httpx.AsyncClient, database: FakeDatabase, status: Status
) -> None:
    job = a_job(status=status)
    database.tables.jobs[job.id] = job

    answer = await client.post(f"/v1/media/{job.id}/reconcile", json={"resolution": "fail"})

    told = problem(answer, 409, "nothing_to_reconcile")
    assert status.value in told.detail


async def test_nobody_decides_about_what_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/v1/media/{uuid7()}/reconcile", json={"resolution": "fail"})

    problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"resolution": "attach"}, "provider_job_id"),
        ({"resolution": "resubmit", "provider_job_id": "p-1"}, "provider_job_id"),
        ({"resolution": "resubmit", "reason": "because"}, "reason"),
        ({"resolution": "attach", "provider_job_id": ""}, "/provider_job_id"),
        ({"resolution": "guess"}, "/resolution"),
        ({}, "/resolution"),
        ({"resolution": "fail", "more": 1}, "/more"),
    ],
)
async def test_a_decision_has_to_be_whole(
    client: httpx.AsyncClient, parked: Job, body: dict[str, Any], named: str
) -> None:
    answer = await client.post(f"/v1/media/{parked.id}/reconcile", json=body)

    assert named in problem(answer, 422, "invalid_input").detail


def test_what_is_heard_too_late_parks_nothing(clock: FixedClock) -> None:
    parked = an_event(a_media_needs_reconciliation())
    job = project(a_job(), an_event(a_media_started(attempt=an_attempt(number=2, ended_at=None))))

    assert project(job, parked).status is Status.RUNNING


def test_a_parked_job_that_fails_waits_for_the_last_word() -> None:
    job = project(a_job(), an_event(a_media_needs_reconciliation()))

    assert project(job, an_event(a_media_generation_failed())) == job


def test_a_job_that_is_to_be_canceled_is_not_parked() -> None:
    job = project(a_job(status=Status.CANCELING), an_event(a_media_needs_reconciliation()))

    assert job.status is Status.CANCELING


async def test_a_parked_job_is_canceled_like_any_other(
    client: httpx.AsyncClient, parked: Job
) -> None:
    answer = await client.post(f"/v1/media/{parked.id}/cancel")

    assert (answer.status_code, answer.json()["status"]) == (202, "canceling")
    assert answer.json().get("reconciliation") is None
