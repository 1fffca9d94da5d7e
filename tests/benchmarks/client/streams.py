"""Many streams of events at once, over raw sockets: as little as a listener can be."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, cast

from tests.benchmarks.client.http import address_of, get

_TOGETHER = 50
_PATIENCE = 60.0
_BEGUN = b"\nid: "

Hear = Callable[[bytes], object]


class StreamConnection(asyncio.Protocol):
    """One stream; `begun` is set once it says something, `hear` is told all that comes then."""

    def __init__(self, request: bytes, hear: Hear | None) -> None:
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = False
        self._request = request
        self._hear = hear
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self.begun.done():
            if self._hear is not None:
                self._hear(data)
            return
        self._head += data
        if _BEGUN in self._head:
            self.begun.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        if not self.begun.done():
            self.begun.set_exception(ConnectionError(self._head[:300].decode(errors="replace")))

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def listening(
    url: str, targets: Sequence[str], hear: Hear | None = None
) -> AsyncIterator[list[StreamConnection]]:
    """A stream for each target, all begun; left at the end. Raises `ConnectionError`."""
    opened: list[StreamConnection] = []
    try:
        for first in range(0, len(targets), _TOGETHER):
            some = [await _opened(url, one, hear) for one in targets[first : first + _TOGETHER]]
            opened += some
            async with asyncio.timeout(_PATIENCE):
                await asyncio.gather(*(one.begun for one in some))
        yield opened
        if any(one.ended for one in opened):
            raise ConnectionError("a stream has ended before its time")
    finally:
        for one in opened:
            one.close()


async def _opened(url: str, target: str, hear: Hear | None) -> StreamConnection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: StreamConnection(get(url, target), hear), *address_of(url)
    )
    return connection


class Delays:
    """Seconds from when an event was made to when it was heard; both clocks are this machine's."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._rest = b""

    def hear(self, data: bytes) -> None:
        """What came of a stream."""
        now = time.time()
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: "):
                event: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
                self.seconds.append(now - datetime.fromisoformat(event["time"]).timestamp())
