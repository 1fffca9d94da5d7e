"""Bodies that are too large are refused before they are in memory."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared.http import BodyLimit, exception_handlers


async def measure(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    routes = [Route(path, measure, methods=["GET", "POST"]) for path in ("/a", "/large")]
    app = Starlette(routes=routes, exception_handlers=exception_handlers())
    limited = BodyLimit(app, limit=10, exceptions={"/large": 100})
    transport = httpx.ASGITransport(app=limited)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def streamed(size: int) -> AsyncIterator[bytes]:
    for _ in range(size):
        yield b"x"


@pytest.mark.parametrize(("path", "size"), [("/a", 10), ("/large", 100)])
async def test_what_fits_goes_through(client: httpx.AsyncClient, path: str, size: int) -> None:
    assert (await client.post(path, content=b"x" * size)).text == str(size)
    assert (await client.post(path, content=streamed(size))).text == str(size)


@pytest.mark.parametrize(("path", "size"), [("/a", 11), ("/large", 101)])
async def test_what_does_not_is_413(client: httpx.AsyncClient, path: str, size: int) -> None:
    for content in (b"x" * size, streamed(size)):
        response = await client.post(path, content=content)
        assert response.status_code == 413
        assert response.json()["code"] == "body_too_large"
        assert response.json()["limit"] == size - 1


async def test_reading_needs_no_body(client: httpx.AsyncClient) -> None:
    assert (await client.get("/a")).text == "0"
