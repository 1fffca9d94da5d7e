"""A simulator as a server on a free port of this machine, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Sequence
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from tests.simulators.faults import Faults


class _Server(uvicorn.Server):
    """Ends at once when it is told to, instead of looking now and then whether it is."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._began = threading.Event()

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began.set()
        await self._over.wait()

    def end(self) -> None:
        """From another thread."""
        self._began.wait(10)
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._over.set)


class Simulator:
    """Runs while it is entered. Subclasses give the routes."""

    key = "key-of-the-simulator"

    def __init__(self) -> None:
        self.faults = Faults()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(
            Starlette(routes=self.routes()),
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def routes(self) -> Sequence[BaseRoute]:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.end()
        self._thread.join(10)
        self._socket.close()
