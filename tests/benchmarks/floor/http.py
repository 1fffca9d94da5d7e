"""As little of an HTTP/1.1 server as the client of the benchmarks needs: no pipelining."""

import asyncio
import re
from collections.abc import Callable
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

Respond = Callable[[bytes], None]
"""Send this JSON with a 200."""
Handle = Callable[[bytes, bytes, bytes, Respond], None]
"""Method, path, body, and what to call with the answer."""


class HttpServer(asyncio.Protocol):
    """One connection."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        end = buffer.find(b"\r\n\r\n")
        length = _LENGTH.search(buffer, 0, end) if end > 0 else None
        if end < 0 or (length and len(buffer) < end + 4 + int(length[1])):
            self._buffer = buffer
            return
        self._buffer = b""
        method, path, _ = buffer.split(b" ", 2)
        self._handle(method, path, buffer[end + 4 :], self._respond)

    def _respond(self, body: bytes) -> None:
        if self._transport is not None:
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            )
            self._transport.write(head % len(body) + body)
