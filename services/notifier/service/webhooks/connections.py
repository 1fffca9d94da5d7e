"""Connections to receivers: each leads to an address that was looked at, and some are kept.

The host is looked up at each call, whether a connection is there or not: one that leads where the
name does not lead any more, or not to a public address, is not used again. A lane (an endpoint)
has its connections for itself. TLS verifies the name when a connection is made.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import httpcore

from services.notifier.service.webhooks.outside import Outside
from shared.addresses import Place

IDLE_SECONDS: Final = 4.0
"""Shorter than what servers keep them for (Node's HTTP server: 5 s), so that few are lost."""
LONGEST_SECONDS: Final = 300.0
"""Then certificates are looked at again."""
_LOST: Final = (
    httpcore.NetworkError,
    httpcore.RemoteProtocolError,
    httpcore.ConnectionNotAvailable,
)


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to the first of these that answers, whatever the host; one connection only."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._network = httpcore.AnyIOBackend()
        self._stream: httpcore.AsyncNetworkStream | None = None
        self.address = ""

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 (it was looked up)
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (as httpcore has it)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        refused: Exception = httpcore.ConnectError("it has no address")
        for address in self._addresses:
            try:
                stream = await self._network.connect_tcp(address, port, timeout, local_address)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refused = error
            else:
                self.address, self._stream = address, stream
                return stream
        raise refused

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Whatever state it is in."""
        if self._stream is not None:
            await self._stream.aclose()


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A connection, and whose it is."""

    lane: UUID | None
    place: tuple[str, str, int]
    pinned: _Pinned
    http: httpcore.AsyncHTTPConnection
    until: float

    def leads(self, place: Place, addresses: Sequence[str]) -> bool:
        return self.place == _where(place) and self.pinned.address in addresses

    def is_fresh(self) -> bool:
        now = asyncio.get_running_loop().time()
        return self.http.is_idle() and not self.http.has_expired() and now < self.until


class Connections:
    """Up to `most` that are idle are kept."""

    def __init__(self, outside: Outside, most: int) -> None:
        self._outside = outside
        self._most = most
        self._idle: list[_Line] = []

    @property
    def kept(self) -> int:
        """How many are idle."""
        return len(self._idle)

    @asynccontextmanager
    async def asked(
        self, place: Place, request: httpcore.Request, lane: UUID | None
    ) -> AsyncIterator[httpcore.Response]:
        """What is answered, to be read here. Without a lane the connection is not kept.

        Raises `AddressRefusedError`, `OSError`, and what httpcore raises.
        """
        addresses = await self._outside.addresses(place.host, place.port)
        line, answer = await self._ask(place, request, lane, addresses)
        try:
            yield answer
        finally:
            await answer.aclose()  # closes the connection where the answer was not read to its end
            await self._keep(line)

    async def drop_stale(self) -> None:
        """Close what was idle for too long."""
        stale = [line for line in self._idle if not line.is_fresh()]
        self._idle = [line for line in self._idle if line not in stale]
        for line in stale:
            await line.pinned.close()

    async def close(self) -> None:
        """All of them."""
        while self._idle:
            await self._idle.pop().pinned.close()

    async def _ask(
        self, place: Place, request: httpcore.Request, lane: UUID | None, addresses: Sequence[str]
    ) -> tuple[_Line, httpcore.Response]:
        """On a kept connection; where the other side has closed that, once more on a new one."""
        kept = await self._take(lane, place, addresses)
        if kept is not None:
            try:
                return kept, await kept.http.handle_async_request(request)
            except _LOST:
                await kept.pinned.close()
        line = self._open(lane, place, addresses)
        try:
            return line, await line.http.handle_async_request(request)
        except BaseException:
            await line.pinned.close()
            raise

    async def _take(
        self, lane: UUID | None, place: Place, addresses: Sequence[str]
    ) -> _Line | None:
        """The one that was used last."""
        mine = [line for line in reversed(self._idle) if lane is not None and line.lane == lane]
        good = [line for line in mine if line.leads(place, addresses) and line.is_fresh()]
        bad = [line for line in mine if line not in good]
        self._idle = [line for line in self._idle if line not in bad and line not in good[:1]]
        for line in bad:
            await line.pinned.close()
        return good[0] if good else None

    def _open(self, lane: UUID | None, place: Place, addresses: Sequence[str]) -> _Line:
        pinned = _Pinned(addresses)
        http = httpcore.AsyncHTTPConnection(
            origin=httpcore.Origin(place.scheme.encode(), place.host.encode(), place.port),
            ssl_context=self._authorities if place.scheme == "https" else None,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=pinned,
        )
        until = asyncio.get_running_loop().time() + LONGEST_SECONDS
        return _Line(lane, _where(place), pinned, http, until)

    async def _keep(self, line: _Line) -> None:
        if line.lane is None or not line.is_fresh():
            await line.pinned.close()
            return
        self._idle.append(line)
        if len(self._idle) > self._most:
            await self._idle.pop(0).pinned.close()

    @cached_property
    def _authorities(self) -> ssl.SSLContext:
        return self._outside.authorities()


def _where(place: Place) -> tuple[str, str, int]:
    return place.scheme, place.host, place.port
