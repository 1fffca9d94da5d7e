"""How long callers wait for what is being written: one timer for all of them, not one for each.

All are given the same time, so whoever came first is the first to give up.
"""

import asyncio
from collections import deque
from datetime import timedelta
from typing import Any

from shared.messaging.batcher import InterruptedWriteError


class Patience:
    """Gives up on answers that have not come after `limit`: they raise `InterruptedWriteError`."""

    def __init__(self, limit: timedelta) -> None:
        self._limit = limit.total_seconds()
        self._awaited: deque[tuple[float, asyncio.Future[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, answer: "asyncio.Future[Any]") -> None:
        """Its time runs from now."""
        loop, awaited = asyncio.get_running_loop(), self._awaited
        while awaited and awaited[0][1].done():
            awaited.popleft()
        awaited.append((loop.time() + self._limit, answer))
        if self._timer is None:
            self._timer = loop.call_later(self._limit, self._look)

    def _look(self) -> None:
        """Whose time is over gives up; come back when the next one's is."""
        loop, awaited, self._timer = asyncio.get_running_loop(), self._awaited, None
        now = loop.time()
        while awaited and (awaited[0][1].done() or awaited[0][0] <= now):
            _, answer = awaited.popleft()
            if not answer.done():
                answer.set_exception(InterruptedWriteError())
        if awaited:
            self._timer = loop.call_later(awaited[0][0] - now, self._look)
