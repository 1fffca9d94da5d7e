"""Runs a service: its HTTP side by uvicorn, its background parts in the lifespan.

SIGTERM or SIGINT: the sockets close (so nobody finds the service ready), requests in hand are
answered, then `ServiceApp.stop` takes the background parts down in order, and the process exits 0.
All of that together takes no longer than the grace time: what is not done by then is left (nothing
is lost: it is unacked, uncommitted, or leased to somebody who is gone), and the process exits 1.
Any further signal stops at once.
"""

import asyncio
import contextlib
import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Protocol

import structlog
import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http import protocol_for
from shared.service.settings import ServiceSettings

SIGNALS = (signal.SIGTERM, signal.SIGINT)
REQUESTS_GRACE = timedelta(seconds=5)
"""How long requests in hand (event streams, above all) may still take."""
LAST_RESORT = timedelta(seconds=2)
"""After so much more than the grace time the process ends, whatever holds it up."""
COLLECT_AFTER = (20_000, 20, 20)
"""Objects that outlive their unit of work before the youngest generation is looked through."""

log = structlog.get_logger(__name__)


class ServiceApp(Protocol):
    """A service, put together but not yet started."""

    @property
    def asgi(self) -> ASGIApp:
        """Its HTTP side: health, metrics, and the API where there is one."""

    async def start(self) -> None:
        """Start the background parts; needs neither broker nor database to be there."""

    async def stop(self) -> None:
        """Stop taking, finish or release what is in hand, close, in this order."""


def serve(build: Callable[[], ServiceApp], settings: ServiceSettings) -> int:
    """Build and run a service until a signal. Answers the exit code."""
    _collect_seldom()
    return uvloop.run(serve_until_signal(build, settings))


def _collect_seldom() -> None:
    """Look for garbage in circles less often, and never among what was imported.

    Nearly all that a unit of work makes is gone by counting: at the usual threshold the collector
    looks through it several times a batch for a sixth of the CPU.
    """
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


async def serve_until_signal(build: Callable[[], ServiceApp], settings: ServiceSettings) -> int:
    """The same in a running event loop of the main thread."""
    app = build()
    lifespan = _Lifespan(app, settings.grace)
    server = _Server(
        uvicorn.Config(
            lifespan,
            http=protocol_for(app.asgi),
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_config=None,
            lifespan="on",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(REQUESTS_GRACE.total_seconds()),
        )
    )
    with _signals(server, lifespan):
        await server.serve()
    return 1 if lifespan.failed or not server.started else 0


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process by the signal.

    It looks at the clock for the date in its answers once a second, and not ten times.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told_to_exit = asyncio.Event()

    def exit(self) -> None:
        """Take no more requests, answer those in hand, end."""
        self.should_exit = True
        self._told_to_exit.set()

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._told_to_exit.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Lifespan:
    """The service's HTTP side, with ASGI's lifespan driving `start` and `stop`."""

    def __init__(self, app: ServiceApp, grace: timedelta) -> None:
        self._app = app
        self._grace = grace.total_seconds()
        self._ends_at: float | None = None
        self.failed = False

    def leave(self) -> None:
        """The grace time runs from now; a thread sees to it that it does not run for ever."""
        self._ends_at = time.monotonic() + self._grace
        if leave := getattr(self._app, "leave", None):
            leave()  # streams that nobody would end are not waited for
        last = threading.Timer(self._grace + LAST_RESORT.total_seconds(), _end_now)
        last.daemon = True
        last.start()

    @property
    def _left(self) -> float:
        return self._grace if self._ends_at is None else self._ends_at - time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._app.asgi(scope, receive, send)
            return
        await receive()
        if not await self._survives("start", None):
            await send({"type": "lifespan.startup.failed"})
            return
        log.info("service.started")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._survives("stop", self._left)
        log.info("service.stopped", clean=not self.failed)
        await send({"type": "lifespan.shutdown.complete"})

    async def _survives(self, what: str, limit: float | None) -> bool:
        try:
            async with asyncio.timeout(limit):
                await (self._app.start() if what == "start" else self._app.stop())
        except Exception:
            self.failed = True
            log.exception(f"service.{what}_failed")
            return False
        return True


def _end_now() -> None:
    log.error("service.stuck", seconds_over=LAST_RESORT.total_seconds())
    os._exit(1)


@contextlib.contextmanager
def _signals(server: _Server, lifespan: _Lifespan) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def stop(received: signal.Signals) -> None:
        log.info("service.stopping", signal=received.name)
        server.exit()
        lifespan.leave()
        for one in SIGNALS:
            loop.remove_signal_handler(one)
            signal.signal(one, signal.SIG_DFL)

    for one in SIGNALS:
        loop.add_signal_handler(one, stop, one)
    try:
        yield
    finally:
        for one in SIGNALS:
            loop.remove_signal_handler(one)
