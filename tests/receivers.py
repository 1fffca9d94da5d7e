"""Somebody who wants to be called: a real HTTP server that remembers what came."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    """One call."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int = 200
    body: bytes = b"thanks"
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0


Behaviour = Callable[[Received, int], Reply]
"""Told the call and how many came before it."""


class Receiver:
    """Listens on a port of this machine; `behaviour` may be changed at any time.

    Where it `keeps` connections, it takes one call after the other on each.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.behaviour: Behaviour = lambda _call, _before: Reply()
        self.url = ""
        self.keeps = False
        self.connections = 0
        self.at_once = 0
        self.most_at_once = 0

    @property
    def ids(self) -> list[str]:
        return [one.id for one in self.received]

    def fail(self, times: int, status: int = 500) -> None:
        """Refuse the first calls."""
        self.behaviour = lambda _, before: Reply(status if before < times else 200)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._hear(reader, writer)
            while self.keeps:
                await self._hear(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        await self._answer(Received(head[0].split()[1], headers, body), writer)

    async def _answer(self, call: Received, writer: asyncio.StreamWriter) -> None:
        reply = self.behaviour(call, len(self.received))
        self.received.append(call)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(reply.after)
        finally:
            self.at_once -= 1
        lines = [f"HTTP/1.1 {reply.status} -", f"content-length: {len(reply.body)}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + reply.body)
        await writer.drain()


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver, while the block lasts; by https where it has a certificate."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    scheme = "https" if tls else "http"
    receiver.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()
