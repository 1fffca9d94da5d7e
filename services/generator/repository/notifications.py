"""Hearing of the other processes: `LISTEN` on one connection of its own.

Neighbour: `wakeups` says what is heard here. What is missed while the connection is away is found
by the polls.
"""

import asyncio
from collections.abc import Callable, Mapping

import asyncpg
import structlog

from services.generator.repository.wakeups import CHANNEL
from shared.database.engine import Engine
from shared.errors import RetryableError

_PAUSE_SECONDS = 1.0

log = structlog.get_logger(__name__)


class NotificationListener:
    """Calls what is registered for a kind of notification, unless this worker said it itself."""

    def __init__(
        self, engine: Engine, worker: str, calls: Mapping[str, Callable[[], None]]
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._calls = dict(calls)
        self._task: asyncio.Task[None] | None = None
        self.listening = False

    def start(self) -> None:
        """Begin listening, and come back when the connection is lost."""
        self._task = asyncio.create_task(self._run(), name="notifications")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (RetryableError, asyncpg.PostgresError) as error:
                log.info("notifications.away", error=repr(error))
            self.listening = False
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _listen(self) -> None:
        lost = asyncio.Event()
        async with self._engine.connect() as connection:
            driver = connection.driver
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(CHANNEL, self._hear)
            self.listening = True
            try:
                await lost.wait()
            finally:
                connection.broken = True

    def _hear(self, _connection: object, _pid: int, _channel: str, payload: str) -> None:
        kind, _, speaker = payload.partition(" ")
        call = self._calls.get(kind)
        if call is not None and speaker != self._worker:
            call()
