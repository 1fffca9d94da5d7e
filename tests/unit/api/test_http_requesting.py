"""Asking for media over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Message

from services.api.models import Status
from services.api.routes import http_app
from services.api.routes.schemas import BatchOut, JobOut
from services.api.service import ApiServices
from shared.errors import RetryableError
from shared.problem import CONTENT_TYPE, Problem
from shared.testing import a_media_ready
from tests.unit.api.builders import CARD, a_job, received
from tests.unit.api.fakes import FakeDatabase

REQUEST = {"generator": "card", "input": CARD}


def problem(response: httpx.Response, status: int, code: str) -> Problem:
    """The problem that the answer has to be."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == CONTENT_TYPE
    found = Problem.model_validate_json(response.content)
    assert (found.status, found.code) == (status, code)
    assert found.type.endswith(code)
    assert found.detail
    return found


async def test_an_accepted_request_answers_the_job_and_where_it_is(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post("/v1/media", json={**REQUEST, "metadata": {"order": 7}})

    job = JobOut.model_validate_json(response.content)
    assert response.status_code == 202
    assert response.headers["location"] == f"/v1/media/{job.id}" == job.urls.self
    assert job.status is Status.QUEUED
    assert job.metadata == {"order": 7}
    assert (await client.get(job.urls.self)).status_code == 200


async def test_a_replayed_answer_says_so(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "order-7"}

    first = await client.post("/v1/media", json=REQUEST, headers=headers)
    again = await client.post("/v1/media", json=REQUEST, headers=headers)
    other = await client.post(
        "/v1/media", json={**REQUEST, "input": {"title": "Other"}}, headers=headers
    )

    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.content) == (202, first.content)
    problem(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "\t"])
async def test_a_bad_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    response = await client.post("/v1/media", json=REQUEST, headers={"Idempotency-Key": key})

    found = problem(response, 422, "invalid_input")
    assert found.errors
    assert found.errors[0].pointer == "/header/Idempotency-Key"


async def test_the_clients_correlation_and_trace_go_on_with_the_event(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"X-Correlation-ID": "order-7", "traceparent": trace}

    await client.post("/v1/media", json=REQUEST, headers=headers)

    [event] = database.tables.outbox
    assert event.correlationid == "order-7"
    assert event.traceparent is not None
    assert event.traceparent.split("-")[1] == trace.split("-")[1]


async def test_waiting_answers_200_when_it_ends_in_time(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    headers = {"Idempotency-Key": "k"}
    accepted = (await client.post("/v1/media", json=REQUEST, headers=headers)).json()
    await services.projection.apply([received(a_media_ready(job_id=accepted["id"]))])

    waited = await client.post(
        "/v1/media", json=REQUEST, headers={**headers, "Prefer": "respond-async, wait=5"}
    )

    job = JobOut.model_validate_json(waited.content)
    assert waited.status_code == 200
    assert waited.headers["preference-applied"] == "wait=5"
    assert job.status is Status.READY
    assert job.assets[0].url == f"/v1/media/{job.id}/assets/0"


async def test_waiting_in_vain_answers_202(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/media", json=REQUEST, headers={"Prefer": "wait=0"})
    assert response.status_code == 202

    response = await client.post("/v1/media", json=REQUEST, headers={"Prefer": "wait=1"})
    assert response.status_code == 202


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"", 400, "malformed_json"),
        (b"5", 422, "invalid_input"),
        (b'{"generator":"crad","input":{}}', 422, "unknown_generator"),
        (b'{"generator":"card","input":{"title":"\\u0000"}}', 422, "invalid_input"),
        (b'{"generator":"card","input":{"title":NaN}}', 422, "invalid_input"),
        (b'{"generator":"card","input":{"title":"a"},"colour":1}', 422, "invalid_input"),
        (b" " * (1024 * 1024 + 1), 413, "body_too_large"),
    ],
)
async def test_a_bad_body_is_a_problem(
    client: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    headers = {"content-type": "application/json"}

    problem(await client.post("/v1/media", content=body, headers=headers), status, code)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_read(client: httpx.AsyncClient, kind: str) -> None:
    for path in ("/v1/media", "/v1/media/batch"):
        response = await client.post(path, content=b"{}", headers={"content-type": kind})
        problem(response, 415, "unsupported_media_type")


async def test_each_request_of_a_batch_is_answered_in_its_place(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    requests: list[Any] = [
        REQUEST,
        {"generator": "crad", "input": {}},
        5,
        REQUEST,
        {**REQUEST, "x": 1},
    ]

    response = await client.post("/v1/media/batch", json={"requests": requests})

    answers = BatchOut.model_validate_json(response.content).answers
    assert [answer.status for answer in answers] == [202, 422, 422, 202, 422]
    codes = [answer.problem.code for answer in answers if answer.problem]
    assert codes == ["unknown_generator", "invalid_input", "invalid_input"]
    assert len(database.tables.jobs) == 2


async def test_a_batch_sent_again_with_its_key_is_replayed(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    body = {"requests": [REQUEST, REQUEST]}

    first = await client.post("/v1/media/batch", json=body, headers={"Idempotency-Key": "k"})
    again = await client.post("/v1/media/batch", json=body, headers={"Idempotency-Key": "k"})

    assert first.json() == again.json()
    assert len(database.tables.jobs) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/requests"),
        ({"requests": []}, "/requests"),
        ({"requests": {}}, "/requests"),
        ({"requests": [{}] * 1001}, "/requests"),
        ({"requests": [{}], "colour": 1}, "/colour"),
    ],
)
async def test_a_bad_batch_is_refused_as_a_whole(
    client: httpx.AsyncClient, body: Any, pointer: str
) -> None:
    found = problem(await client.post("/v1/media/batch", json=body), 422, "invalid_input")

    assert found.errors
    assert found.errors[0].pointer == pointer


async def test_a_database_that_is_away_is_503_and_says_when_to_come_back(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    await client.post("/v1/media", json=REQUEST)
    for path, body in (("/v1/media", REQUEST), ("/v1/media/batch", {"requests": [REQUEST]})):
        database.fail_with = [RetryableError("away")]
        response = await client.post(path, json=body)
        problem(response, 503, "unavailable")
        assert int(response.headers["retry-after"]) >= 1


async def test_a_bug_is_500_without_its_secrets(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    await client.post("/v1/media", json=REQUEST)
    database.fail_with = [ValueError("the password is hunter2")]

    response = await client.post("/v1/media", json=REQUEST)

    problem(response, 500, "internal_error")
    assert "hunter2" not in response.text


async def test_canceling_over_http(client: httpx.AsyncClient, database: FakeDatabase) -> None:
    jobs = {status: a_job(status=status) for status in (Status.QUEUED, Status.CANCELED)}
    ready = a_job(status=Status.READY)
    database.tables.jobs.update({job.id: job for job in (*jobs.values(), ready)})

    accepted = await client.post(f"/v1/media/{jobs[Status.QUEUED].id}/cancel")
    over = await client.post(f"/v1/media/{jobs[Status.CANCELED].id}/cancel")

    assert (accepted.status_code, accepted.json()["status"]) == (202, "canceling")
    assert "cancel" not in accepted.json()["urls"]
    assert (over.status_code, over.json()["status"]) == (200, "canceled")
    problem(await client.post(f"/v1/media/{ready.id}/cancel"), 409, "already_final")
    problem(await client.post("/v1/media/garbage/cancel"), 404, "not_found")


async def test_a_body_may_come_in_pieces(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b'{"generator":"card",', b'"input":{"title":"a"}', b"}"):
            yield piece

    headers = {"content-type": "application/json"}
    answer = await client.post("/v1/media", content=pieces(), headers=headers)

    assert answer.status_code == 202


async def test_whoever_goes_before_the_body_is_whole_has_asked_for_nothing(
    services: ApiServices, database: FakeDatabase
) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    headers = [(b"content-type", b"application/json")]
    asked = {"type": "http", "method": "POST", "path": "/v1/media", "query_string": b""}
    await http_app(services)({**asked, "headers": headers}, receive, send)

    assert not database.tables.jobs
