"""Something done again and again, that goes on whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from itertools import chain, repeat

import structlog

from shared.canceling import end
from shared.database.transient import is_transient

log = structlog.get_logger(__name__)


class Periodic:
    """Calls `action` every `interval`, or sooner when it is woken; an error is logged.

    `first` are the pauses before the interval becomes regular.
    """

    def __init__(
        self,
        name: str,
        action: Callable[[], Awaitable[None]],
        interval: timedelta,
        first: Iterable[timedelta] = (),
    ) -> None:
        self._name = name
        self._action = action
        self._pauses = chain(first, repeat(interval))
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """End where it is."""
        if self._task is not None:
            await end([self._task])
            self._task = None

    def wake(self) -> None:
        """Do it now, without waiting for the interval."""
        self._woken.set()

    async def _run(self) -> None:
        for pause in self._pauses:
            self._woken.clear()
            try:
                await self._action()
            except Exception as error:
                report = log.warning if is_transient(error) else log.exception
                report(f"{self._name}.failed", error=repr(error))
            try:
                async with asyncio.timeout(pause.total_seconds()):
                    await self._woken.wait()
            except TimeoutError:
                continue
