"""Hearing from other processes that webhook endpoints were changed: `LISTEN` on one connection.

What is missed while the connection is away is found by the poll.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import asyncpg
import structlog
from sqlalchemy import text

from shared.database.engine import Engine
from shared.errors import RetryableError

CHANNEL: Final = "darkroom_webhook_endpoints"
SAY = text(f"SELECT pg_notify('{CHANNEL}', '')")
_PAUSE_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


class EndpointListener:
    """Calls `changed` whenever somebody has changed endpoints."""

    def __init__(self, engine: Engine, changed: Callable[[], None]) -> None:
        self._engine = engine
        self._changed = changed
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, and come back when the connection is lost."""
        self._task = asyncio.create_task(self._run(), name="webhooks.hearing")

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
                log.info("webhooks.not_hearing", error=repr(error))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _listen(self) -> None:
        lost = asyncio.Event()
        async with self._engine.connect() as connection:
            driver = connection.driver
            driver.add_termination_listener(lambda _: lost.set())
            await driver.add_listener(CHANNEL, lambda *_: self._changed())
            try:
                await lost.wait()
            finally:
                connection.broken = True
