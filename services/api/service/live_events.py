"""Who listens to events in this process, and the one reader of the log that serves them all.

Thousands of idle listeners cost no query each: `EventFollower` reads what is new once and
`EventHub` hands it on in memory. Neighbours: `listening` opens streams on both, the projection
wakes the follower, `subscribers` bring progress.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import orjson

from services.api.errors import TooManyListenersError
from services.api.models.event_log import FINAL_TYPES, LogEntry, LogPosition
from services.api.service.waiting import JobWaiters
from services.api.unit_of_work import OpenUnitOfWork
from shared.events.routing import stem

PAGE = 500
MOST_BEHIND = 1_000
LOOK_EVERY = timedelta(milliseconds=100)
PROGRESS_EVERY = 0.25


class LiveEvent(NamedTuple):
    """An event to be sent on; progress has no place in the log and cannot be resumed behind."""

    position: LogPosition | None
    job_id: UUID
    tenant: str
    type: str
    generator: str
    body: str

    @classmethod
    def of(cls, entry: LogEntry) -> "LiveEvent":
        """What stands in the log."""
        generator = str(orjson.loads(entry.body)["data"]["generator"])
        return cls(entry.position, entry.job_id, entry.tenant, entry.type, generator, entry.body)

    @property
    def final(self) -> bool:
        """Whether it is the last word about its job."""
        return self.type in FINAL_TYPES


class Wanted(NamedTuple):
    """Whose events, and which of them; nothing named: all."""

    tenant: str
    job_id: UUID | None = None
    types: frozenset[str] = frozenset()
    generators: frozenset[str] = frozenset()

    def includes(self, event: LiveEvent) -> bool:
        """Whether the listener is to hear it; of other tenants never."""
        return (
            event.tenant == self.tenant
            and (self.job_id is None or event.job_id == self.job_id)
            and (not self.types or stem(event.type) in self.types)
            and (not self.generators or event.generator in self.generators)
        )


class Listener:
    """What one stream has still to send. Who falls too far behind is closed, and may resume."""

    __slots__ = ("_events", "closed", "wanted", "woken")

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.woken = asyncio.Event()
        self.closed = False
        self._events: deque[LiveEvent] = deque()

    def offer(self, event: LiveEvent) -> None:
        """Take it along, if it is wanted."""
        if self.closed or not self.wanted.includes(event):
            return
        if len(self._events) >= MOST_BEHIND:
            self.close()
            return
        self._events.append(event)
        self.woken.set()

    def take(self) -> list[LiveEvent]:
        """All that has come since."""
        events = list(self._events)
        self._events.clear()
        self.woken.clear()
        return events

    def close(self) -> None:
        """Nothing more will come."""
        self.closed = True
        self._events.clear()
        self.woken.set()


class EventHub:
    """The listeners of this process, by the job or the tenant that they listen to."""

    def __init__(self, per_tenant: int = 2_000) -> None:
        self._per_tenant = per_tenant
        self._by_key: dict[UUID | str, set[Listener]] = {}
        self._counts: dict[str, int] = {}
        self._progressed: dict[UUID, float] = {}
        self._leaving = False

    def add(self, wanted: Wanted) -> Listener:
        """A new listener. Raises `TooManyListenersError`."""
        count = self._counts.get(wanted.tenant, 0)
        if count >= self._per_tenant:
            raise TooManyListenersError(retry_after=timedelta(seconds=10))
        self._counts[wanted.tenant] = count + 1
        listener = Listener(wanted)
        self._by_key.setdefault(wanted.job_id or wanted.tenant, set()).add(listener)
        if self._leaving:
            listener.close()
        return listener

    def remove(self, listener: Listener) -> None:
        """It is gone."""
        wanted = listener.wanted
        key = wanted.job_id or wanted.tenant
        self._by_key[key].discard(listener)
        if not self._by_key[key]:
            del self._by_key[key]
            self._progressed.pop(key, None) if isinstance(key, UUID) else None
        self._counts[wanted.tenant] -= 1
        if not self._counts[wanted.tenant]:
            del self._counts[wanted.tenant]
            self._progressed.clear() if not self._counts else None

    @property
    def empty(self) -> bool:
        """Whether nobody listens."""
        return not self._by_key

    def publish(self, event: LiveEvent) -> None:
        """Hand it to all who want it."""
        if event.final:
            self._progressed.pop(event.job_id, None)
        for key in (event.job_id, event.tenant):
            for listener in self._by_key.get(key, ()):
                listener.offer(event)

    def progress(self, event: LiveEvent) -> None:
        """The same for progress, at most four times a second a job."""
        if not self._by_key.keys() & {event.job_id, event.tenant}:
            return
        now = asyncio.get_running_loop().time()
        if now - self._progressed.get(event.job_id, 0.0) >= PROGRESS_EVERY:
            self._progressed[event.job_id] = now
            self.publish(event)

    def close(self) -> None:
        """The process leaves: every stream ends, to be resumed elsewhere."""
        self._leaving = True
        for listener in [one for group in self._by_key.values() for one in group]:
            listener.close()


class EventFollower:
    """Reads the log for the hub and for those who wait, and only while there are any."""

    def __init__(self, unit_of_work: OpenUnitOfWork, hub: EventHub, waiters: JobWaiters) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._waiters = waiters
        self._position: LogPosition | None = None
        self._reading = asyncio.Lock()

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
            while len(page := await self._page()) == PAGE:
                self._tell(page)
            self._tell(page)

    async def _page(self) -> list[LogEntry]:
        assert self._position is not None
        async with self._unit_of_work() as work:
            work.alone()
            page = list(await work.event_log.list_after(self._position, PAGE))
        if page:
            self._position = page[-1].position
        return page

    def _tell(self, entries: Iterable[LogEntry]) -> None:
        for entry in entries:
            if entry.type in FINAL_TYPES:
                self._waiters.tell_ended(entry.job_id)
            if not self._hub.empty:
                self._hub.publish(LiveEvent.of(entry))
