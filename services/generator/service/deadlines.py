"""When the jobs in hand have to be finished: each is stopped at its moment, by few timers.

Most jobs have days, and are over in moments: a timer of its own gets only what is due soon.
Neighbour: `running`.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from services.generator.models import JobKey

SOON = 60.0
"""Seconds from one look at all that is in hand to the next."""


class Deadlines:
    """Calls `overdue` with the key of a job at its moment, unless it was dropped before."""

    def __init__(self, overdue: Callable[[JobKey], None]) -> None:
        self._overdue = overdue
        self._moments: dict[JobKey, float] = {}
        self._timers: dict[JobKey, asyncio.TimerHandle] = {}
        self._looking: asyncio.TimerHandle | None = None

    def add(self, key: JobKey, time_left: timedelta) -> None:
        """It has so long; what has no time left is overdue at the next turn of the loop."""
        loop, seconds = asyncio.get_running_loop(), time_left.total_seconds()
        self._moments[key] = loop.time() + seconds
        if seconds <= SOON:
            self._timers[key] = loop.call_later(max(0.0, seconds), self._overdue, key)
        elif self._looking is None:
            self._looking = loop.call_later(SOON, self._look)

    def drop(self, key: JobKey) -> None:
        """It is over."""
        if self._moments.pop(key, None) is not None and (timer := self._timers.pop(key, None)):
            timer.cancel()

    def time_left(self, key: JobKey) -> timedelta | None:
        """Until it has to be finished; None: whenever."""
        moment = self._moments.get(key)
        if moment is None:
            return None
        return timedelta(seconds=moment - asyncio.get_running_loop().time())

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        for key, moment in self._moments.items():
            if key not in self._timers and moment <= loop.time() + 2 * SOON:
                self._timers[key] = loop.call_at(moment, self._overdue, key)
        self._looking = loop.call_later(SOON, self._look) if self._moments else None
