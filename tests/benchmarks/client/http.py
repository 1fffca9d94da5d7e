"""As little HTTP/1.1 as a load generator needs: keep-alive, one request in flight, Content-Length.

A connection costs some 40 µs of CPU a request; a full client would cost more than what it measures.
"""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"

Answer = tuple[int, bytes]
"""Status and body."""


class HttpConnection(asyncio.Protocol):
    """One connection; ``on_answer`` is called with each answer, or ``on_lost`` with the reason."""

    def __init__(
        self, on_answer: Callable[["HttpConnection", Answer], None], on_lost: Callable[[str], None]
    ) -> None:
        self._on_answer = on_answer
        self._on_lost = on_lost
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by class

    def send(self, request: bytes) -> None:
        assert self._transport is not None
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if (answer := parse(buffer)) is None:
            self._buffer = buffer
            return
        self._buffer = b""
        self._on_answer(self, answer)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._closing:
            self._on_lost(f"the server closed a connection: {error or 'without a word'}")

    def close(self) -> None:
        self._closing = True
        if self._transport is not None:
            self._transport.close()


def parse(buffer: bytes) -> Answer | None:
    """A whole answer, or None while some of it is missing."""
    end = buffer.find(_END)
    if end < 0:
        return None
    length = _LENGTH.search(buffer, 0, end)
    if length is None:
        raise ValueError(f"an answer without Content-Length: {buffer[:200]!r}")
    body = buffer[end + 4 :]
    return (int(buffer[9:12]), body) if len(body) >= int(length[1]) else None


def address_of(url: str) -> tuple[str, int]:
    """Host and port."""
    parts = urlsplit(url)
    return parts.hostname or "127.0.0.1", parts.port or 80


def post(url: str, path: str, body: bytes) -> bytes:
    """The bytes of a POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(url: str, path: str) -> bytes:
    """The bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\n\r\n".encode()


class Caller:
    """One connection for who asks one thing after the other: ``await caller.call(request)``."""

    def __init__(self, url: str) -> None:
        self._address = address_of(url)
        self._connection: HttpConnection | None = None
        self._answer: asyncio.Future[Answer] | None = None

    async def call(self, request: bytes) -> Answer:
        """Its answer. Raises `ConnectionError` when there will be none."""
        loop = asyncio.get_running_loop()
        if self._connection is None:
            _, self._connection = await loop.create_connection(
                lambda: HttpConnection(self._answered, self._lost), *self._address
            )
        self._answer = loop.create_future()
        self._connection.send(request)
        return await self._answer

    async def json(self, request: bytes) -> Any:
        """The JSON of a 2xx answer. Raises `ConnectionError` for any other."""
        status, body = await self.call(request)
        if not 200 <= status < 300:
            raise ConnectionError(f"{status}: {body[:300].decode(errors='replace')}")
        return json.loads(body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _answered(self, _: HttpConnection, answer: Answer) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _lost(self, reason: str) -> None:
        self._connection = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError(reason))
