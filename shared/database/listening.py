"""Hearing of other processes: `LISTEN` on one connection of its own.

What is said while the connection is away is not heard: whoever listens also polls.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import asyncpg
import structlog

from shared.canceling import end
from shared.database.engine import Engine
from shared.errors import RetryableError

_PAUSE_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class Listener:
    """Calls `hear` with what is said on a channel."""

    def __init__(self, engine: Engine, channel: str, hear: Callable[[str], None]) -> None:
        self._engine = engine
        self._channel = channel
        self._hear = hear
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin listening, and come back when the connection is lost."""
        self._task = asyncio.create_task(self._run(), name=f"listening to {self._channel}")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            await end([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (RetryableError, asyncpg.PostgresError) as error:
                log.info("notifications.away", channel=self._channel, error=repr(error))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _listen(self) -> None:
        lost = asyncio.Event()
        async with self._engine.connect() as connection:
            driver = connection.driver
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(self._channel, lambda *said: self._hear(said[-1]))
            try:
                await lost.wait()
            finally:
                connection.broken = True
