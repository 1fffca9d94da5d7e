"""Something done again and again in the background, that a failure does not end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from shared.database.transient import is_transient

log = structlog.get_logger(__name__)


class Periodic:
    """Calls `action` at once and then every `interval`."""

    def __init__(
        self, name: str, action: Callable[[], Awaitable[None]], interval: timedelta
    ) -> None:
        self._name = name
        self._action = action
        self._interval = interval.total_seconds()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._action()
            except Exception as error:
                report = log.warning if is_transient(error) else log.exception
                report(f"{self._name}.failed", error=repr(error), retry_in=self._interval)
            await asyncio.sleep(self._interval)
