"""A server on a socket of its own, and clients that say and hear bytes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from shared.testing import eventually


async def until(condition: Callable[[], Any]) -> None:
    """Wait until it holds."""

    def holds() -> None:
        assert condition()

    await eventually(holds)


DATE = b"Thu, 26 Nov 2026 12:00:00 GMT"


class Served:
    """What uvicorn's server does, without its signals and its clock."""

    def __init__(self, app: ASGIApp, http: Any, keep_alive: float = 5) -> None:
        self.state = ServerState()
        self.state.default_headers = [(b"date", DATE)]
        self._config = uvicorn.Config(app, http=http, access_log=False, log_config=None)
        self._config.timeout_keep_alive = keep_alive  # type: ignore[assignment]
        self._config.load()
        self.port = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Served"]:
        loop = asyncio.get_running_loop()
        make: Callable[..., Any] = self._config.http_protocol_class
        server = await loop.create_server(
            lambda: make(config=self._config, server_state=self.state, app_state={}), "127.0.0.1", 0
        )
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for connection in list(self.state.connections):
                connection.transport.close()
            await asyncio.gather(*self.state.tasks)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def hear(self, said: bytes, *, piece: int = 1 << 20) -> bytes:
        """All that is answered until the server closes."""
        reader, writer = await self.connect()
        for first in range(0, len(said), piece):
            writer.write(said[first : first + piece])
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            heard = await reader.read()
        writer.close()
        return heard
