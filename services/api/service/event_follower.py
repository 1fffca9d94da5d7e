"""The one reader of the event log in this process, for all who listen and all who wait.

Thousands of idle listeners cost no query each. What an event says is only read where it concerns
somebody. Neighbours: `event_hub` hands on what it finds, `waiting` is told of ends.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from services.api.models.event_log import FINAL_TYPES, LogLine, LogPosition
from services.api.service.event_hub import EventHub
from services.api.service.live_events import LiveEvent
from services.api.service.waiting import JobWaiters
from services.api.unit_of_work import OpenUnitOfWork

PAGE = 500
LOOK_EVERY = timedelta(milliseconds=100)


def _nothing() -> None:
    """It is looked regularly anyway."""


class EventFollower:
    """Reads the log for the hub and for those who wait, and only while there are any."""

    def __init__(self, unit_of_work: OpenUnitOfWork, hub: EventHub, waiters: JobWaiters) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._waiters = waiters
        self._position: LogPosition | None = None
        self._reading = asyncio.Lock()
        self.wake: Callable[[], object] = _nothing
        """Called when it should look at once: somebody listens to a job that has changed."""
        waiters.on_change = self._consider

    @property
    def reached(self) -> LogPosition | None:
        """All before it was handed on; None: nobody is there to hand it to."""
        return self._position

    async def begin(self) -> LogPosition:
        """Where it reads: whoever is in the hub by now is handed all that is behind it."""
        async with self._reading:
            if self._position is None:
                async with self._unit_of_work() as work:
                    work.alone()
                    self._position = await work.event_log.now()
            return self._position

    async def look(self) -> None:
        """Hand on what is new."""
        if self._hub.empty and self._waiters.empty:
            self._position = None
            return
        await self.begin()
        async with self._reading:
            full = True
            while full:
                full = len(await self._page()) == PAGE

    def _consider(self, jobs: Iterable[UUID]) -> None:
        if any(self._hub.has(job_id) for job_id in jobs):
            self.wake()

    async def _page(self) -> Sequence[LogLine]:
        """What cannot be read is read again: the place is noted when it was handed on."""
        assert self._position is not None
        async with self._unit_of_work() as work:
            work.alone()
            lines = await work.event_log.list_lines(self._position, PAGE)
        if lines:
            await self._tell(lines)
            self._position = lines[-1].position
        return lines

    async def _tell(self, lines: Sequence[LogLine]) -> None:
        for line in lines:
            if line.type in FINAL_TYPES:
                self._waiters.tell_ended(line.job_id)
        wanted = [
            line.position.seq
            for line in lines
            if self._hub.concerns(line.job_id, line.tenant, line.type)
        ]
        if wanted:
            async with self._unit_of_work() as work:
                work.alone()
                entries = await work.event_log.list_entries(wanted)
            for entry in entries:
                self._hub.publish(LiveEvent.of(entry))
