"""Direct answers and uvicorn's own way: whoever is connected cannot tell them apart."""

import asyncio
import re
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from shared.errors import NotFoundError, RetryableError
from shared.http import (
    BodyLimit,
    DirectRequest,
    DirectRoutes,
    RequestLog,
    exception_handlers,
    protocol_for,
)
from tests.unit.http.wire import Served, until

ID = "01a21798-07e5-732c-bd70-0f6919c1c81f"
END = b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
ERRORS = {"missing": NotFoundError("no"), "away": RetryableError("away")}


class Door:
    """One application: its answers can be had past ASGI, and through it."""

    def __init__(self) -> None:
        self.direct: list[str] = []
        self.open = asyncio.Event()
        self.open.set()
        routes = [
            Route("/a", self._through, methods=["POST", "GET"]),
            Route("/a/{id}", self._through, methods=["GET"]),
            Route("/end", lambda _: Response("end")),
        ]
        app = BodyLimit(Starlette(routes=routes, exception_handlers=exception_handlers()))
        answers = {("POST", "/a"): self._past, ("GET", "/a/"): self._past}
        self.app = DirectRoutes(RequestLog(app), answers, exception_handlers())

    async def _past(self, request: DirectRequest) -> Response:
        self.direct.append(request.path)
        return await self._answer(request, request.ending)

    async def _through(self, request: Request) -> Response:
        found = request.path_params.get("id")
        try:
            return await self._answer(request, UUID(found) if found else None)
        except ValueError as error:
            raise HTTPException(404) from error

    async def _answer(self, request: Request | DirectRequest, ending: UUID | None) -> Response:
        body = await request.body()
        await self.open.wait()
        if error := ERRORS.get(wanted := request.headers.get("x-fail", "")):
            raise type(error)(error.detail)
        if wanted == "bug":
            raise ZeroDivisionError
        kind = request.headers.get("content-type", "none")
        said = b"%r %r " % (str(ending), kind) + body[:20] + b"%d" % len(body)
        return Response(said, 202, headers={"location": "/b"}, media_type="text/plain")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def quick(door: Door) -> AsyncIterator[Served]:
    async with Served(door.app, protocol_for(door.app)).running() as served:
        yield served


@pytest.fixture
async def usual(door: Door) -> AsyncIterator[Served]:
    async with Served(door.app, "httptools").running() as served:
        yield served


def post(body: bytes = b"{}", *more: str, path: str = "/a") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: a", f"Content-Length: {len(body)}", *more, "", ""]
    return "\r\n".join(lines).encode() + body


def get(path: str = f"/a/{ID}", *more: str, method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *more, "", ""]).encode()


CHUNKED = b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
PLAIN = {
    "post": post(),
    "no_body": post(b""),
    "largest": post(b"x" * 64 * 1024),
    "get": get(),
    "missing": post(b"{}", "X-Fail: missing"),
    "away": get(f"/a/{ID}", "X-Fail: away"),
    "close": post(b"{}", "Connection: close"),
    "odd_id": get(f"/a/{ID.upper()}"),
}
OTHERS = {
    "two_alike": post(b"{}", "Content-Type: a/b", "Content-Type: c/d"),
    "head": get(method="HEAD"),
    "another_method": get(method="PUT"),
    "no_id": get("/a/" + "x" * 36),
    "not_ascii": b"GET /a/" + b"\xc3\xa4" * 18 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "id_of_post": post(path=f"/a/{ID}"),
    "query": post(path="/a?b=c"),
    "escaped": post(path="/%61"),
    "absolute": post(path="http://a/a"),
    "nowhere": get("/b"),
    "old": b"POST /a HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}",
    "old_alive": b"GET /a/%s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" % ID.encode(),
    "chunked": CHUNKED,
    "no_length": b"POST /a HTTP/1.1\r\nHost: a\r\n\r\n",
    "larger": post(b"x" * (64 * 1024 + 1)),
    "too_large": post(b"x" * (1024 * 1024 + 1)),
    "expects": post(b"{}", "Expect: 100-continue"),
    "upgrade": get(f"/a/{ID}", "Connection: upgrade, close", "Upgrade: h2c"),
    "get_with_body": get(f"/a/{ID}", "Content-Length: 2") + b"{}",
    "garbage": b"what?\r\n\r\n",
    "bad_length": b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2x\r\n\r\n{}",
}

REFUSED = {"garbage", "bad_length", "not_ascii"}
"""The server closes at the first byte that is wrong."""
LAST = {"close", "old", "old_alive", "upgrade", *REFUSED}
"""After these the server closes."""


@pytest.mark.parametrize("name", [*PLAIN, *OTHERS])
@pytest.mark.parametrize("piece", [1, 7, 1 << 24])
async def test_both_ways_answer_alike(
    door: Door, quick: Served, usual: Served, name: str, piece: int
) -> None:
    said = (PLAIN.get(name) or OTHERS[name]) + (b"" if name in LAST else END)
    piece = len(said) if name in REFUSED else max(piece, len(said) // 500)

    expected = await usual.hear(said, piece=piece)
    assert not door.direct
    heard = await quick.hear(said, piece=piece)

    assert heard == expected
    assert heard
    assert bool(door.direct) == (name in PLAIN)


@pytest.mark.parametrize("piece", [1, 50, 1 << 24])
async def test_pipelined_requests_are_answered_in_order(
    door: Door, quick: Served, usual: Served, piece: int
) -> None:
    said = post(b"1") + post(b"2") + get() + CHUNKED + get("/b") + post(b"3") + END

    assert await quick.hear(said, piece=piece) == await usual.hear(said, piece=piece)
    assert door.direct


async def test_a_bug_is_a_problem_and_the_connection_goes_on(quick: Served) -> None:
    heard = await quick.hear(post(b"{}", "X-Fail: bug") + END)

    assert re.findall(rb"HTTP/1.1 (\d+)", heard) == [b"500", b"200"]
    assert b'"code":"internal_error"' in heard


async def test_each_direct_answer_is_a_line_in_the_log(quick: Served) -> None:
    with capture_logs() as lines:
        await quick.hear(post() + get() + post(b"", "X-Fail: missing", "Connection: close"))

    told = [(one["method"], one["path"], one["status"], one["log_level"]) for one in lines]
    assert told == [
        ("POST", "/a", 202, "info"),
        ("GET", f"/a/{ID}", 202, "debug"),
        ("POST", "/a", 404, "info"),
    ]


async def test_whoever_goes_before_the_body_is_whole_has_asked_for_nothing(
    door: Door, quick: Served, usual: Served
) -> None:
    for served in (quick, usual):
        assert await _told_of_leaving(served) == [("request.handled", 0)]
        assert not served.state.connections
    assert not door.direct


async def _told_of_leaving(served: Served) -> list[tuple[str, int]]:
    with capture_logs() as lines:
        _, writer = await served.connect()
        writer.write(post(b"x" * 10)[:-1])
        await until(lambda: served.state.connections)
        await asyncio.sleep(0.01)
        writer.close()
        await until(lambda: lines)
    return [(one["event"], one["status"]) for one in lines]


async def test_whoever_goes_before_the_answer_is_not_missed(door: Door, quick: Served) -> None:
    door.open.clear()
    _, writer = await quick.connect()
    writer.write(post())
    await until(lambda: door.direct)
    writer.close()
    await until(lambda: not quick.state.connections)

    door.open.set()

    await until(lambda: not quick.state.tasks)


async def test_what_is_in_hand_is_answered_before_the_end(door: Door, quick: Served) -> None:
    door.open.clear()
    answer = asyncio.create_task(quick.hear(post()))
    idle, writer = await quick.connect()
    await until(lambda: door.direct and len(quick.state.connections) == 2)

    for connection in list(quick.state.connections):
        connection.shutdown()
    assert await idle.read() == b""
    writer.close()
    door.open.set()

    assert b"connection: close\r\n\r\n" in await answer


async def test_what_takes_longer_than_the_grace_is_broken_off(door: Door, quick: Served) -> None:
    door.open.clear()
    answer = asyncio.create_task(quick.hear(post()))
    await until(lambda: quick.state.tasks)

    for task in quick.state.tasks:
        task.cancel()

    assert (await answer).startswith(b"HTTP/1.1 500 ")


async def test_a_connection_that_rests_too_long_is_closed(door: Door) -> None:
    async with Served(door.app, protocol_for(door.app), keep_alive=0.2).running() as served:
        loop = asyncio.get_running_loop()
        reader, writer = await served.connect()
        for _ in range(3):
            await asyncio.sleep(0.12)
            writer.write(post())
            await reader.readuntil(b"2")
            await reader.readuntil(b"'none' {}2")
        began = loop.time()
        assert await reader.read() == b""
        assert 0.15 < loop.time() - began < 2
        writer.close()
