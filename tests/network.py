"""A network that can be cut, frozen or closed: a TCP proxy in front of a server.

For everybody who has to know what happens when RabbitMQ or Postgres cannot be reached.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Dial = Callable[[], Awaitable[Streams]]
"""Opens a connection to the real server. Raises OSError."""

_AT_ONCE = 65_536


def to_port(host: str, port: int) -> Dial:
    """A server that listens on TCP."""
    return lambda: asyncio.open_connection(host, port)


def to_socket(path: Path) -> Dial:
    """A server that listens on a Unix socket, such as the embedded Postgres."""
    return lambda: asyncio.open_unix_connection(path)


def to_any(dials: Sequence[Dial]) -> Dial:
    """Several servers, as a load balancer sees them: in turn, those that answer."""
    turn = 0

    async def dial() -> Streams:
        nonlocal turn
        refused = OSError("nobody to connect to")
        for _ in dials:
            turn += 1
            try:
                return await dials[turn % len(dials)]()
            except OSError as error:
                refused = error
        raise refused

    return dial


class Proxy:
    """Listens on a port of its own, always the same one, and forwards what comes."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    @property
    def open_connections(self) -> int:
        return len(self._writers) // 2

    async def open(self) -> None:
        """Let connections through."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Refuse connections, and cut those that are open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.cut()
        self.thaw()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    def freeze(self) -> None:
        """Nothing passes, and nobody is told."""
        self._flowing.clear()

    def thaw(self) -> None:
        self._flowing.set()

    def forget(self) -> None:
        """What is frozen stays so for ever; new connections are let through."""
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await self._dial()
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        flowing = self._flowing
        try:
            while data := await reader.read(_AT_ONCE):
                await flowing.wait()
                writer.write(data)
                await writer.drain()
            writer.close()  # what was read is still delivered
        except (OSError, RuntimeError):  # uvloop's word for a transport that is closed
            writer.transport.abort()
        finally:
            self._writers.discard(writer)


class UrlProxy(Proxy):
    """A proxy for a server that is known by its URL; `url` is the same server through it."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        assert self._parts.hostname
        assert self._parts.port
        super().__init__(to_port(self._parts.hostname, self._parts.port))

    @property
    def url(self) -> str:
        user = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{user}@127.0.0.1:{self.port}").geturl()
