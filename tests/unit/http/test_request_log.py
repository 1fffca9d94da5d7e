"""Requests are told in one line each, and looking around is not told at all."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from shared.http import RequestLog


async def answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", int(request.query_params.get("status", "200")))


@pytest.mark.parametrize(
    ("method", "status", "level"),
    [("GET", 200, "debug"), ("GET", 404, "info"), ("POST", 202, "info"), ("POST", 503, "info")],
)
async def test_the_line_says_what_happened(method: str, status: int, level: str) -> None:
    app = RequestLog(Starlette(routes=[Route("/a", answer, methods=["GET", "POST"])]))
    transport = httpx.ASGITransport(app=app)

    with capture_logs() as lines:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            await client.request(method, f"/a?status={status}")

    [line] = [one for one in lines if one["event"] == "request.handled"]
    assert (line["method"], line["path"], line["status"]) == (method, "/a", status)
    assert line["log_level"] == level
    assert line["duration_ms"] >= 0
