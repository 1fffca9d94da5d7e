"""The busiest addresses answer past the framework what they answer through it."""

import json

import pytest

from services.api.routes import http_app
from services.api.service import ApiServices
from shared.http import protocol_for
from tests.unit.api.builders import CARD, a_job
from tests.unit.api.fakes import FakeDatabase
from tests.unit.http.wire import Served

REQUEST = json.dumps({"generator": "card", "input": CARD}).encode()
JSON = "Content-Type: application/json"


def _said(method: str, path: str, *more: str, body: bytes | None = None) -> bytes:
    length = () if body is None else (f"Content-Length: {len(body)}",)
    lines = [f"{method} {path} HTTP/1.1", "Host: a", "Connection: close", *length, *more, "", ""]
    return "\r\n".join(lines).encode() + (body or b"")


def _post(*more: str, body: bytes = REQUEST) -> bytes:
    return _said("POST", "/v1/media", *more, body=body)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (_post(JSON, "Idempotency-Key: k"), 202),
        (_post(JSON, "Idempotency-Key: k", "Prefer: wait=1"), 202),
        (_post(JSON, "Idempotency-Key: "), 422),
        (_post(JSON, body=b"{"), 400),
        (_post(JSON, body=b'{"generator":"crad","input":{}}'), 422),
        (_post(), 415),
        (_said("GET", "/v1/media/01900000-0000-7000-8000-000000000000"), 404),
    ],
)
async def test_both_ways_answer_alike(services: ApiServices, said: bytes, status: int) -> None:
    app = http_app(services)
    async with (
        Served(app, "httptools").running() as usual,
        Served(app, protocol_for(app)).running() as quick,
    ):
        await quick.hear(_post(JSON, "Idempotency-Key: k"))  # so that both are a replay

        expected = await usual.hear(said)

        assert expected.startswith(b"HTTP/1.1 %d " % status)
        assert await quick.hear(said) == expected


async def test_a_job_is_shown_alike(services: ApiServices, database: FakeDatabase) -> None:
    job, app = a_job(), http_app(services)
    database.tables.jobs[job.id] = job
    async with (
        Served(app, "httptools").running() as usual,
        Served(app, protocol_for(app)).running() as quick,
    ):
        said = _said("GET", f"/v1/media/{job.id}")
        assert await quick.hear(said) == await usual.hear(said)
