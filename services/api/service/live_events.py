"""An event on its way to those who listen, and what each of them wants and has still to be told.

Neighbours: `event_hub` hands events to listeners, `event_follower` brings them from the log,
`listening` opens streams.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson

from services.api.models.event_log import FINAL_TYPES, LogEntry, LogPosition
from shared.events.routing import stem

MOST_BEHIND = 1_000

Key = UUID | str | tuple[str, str]
"""What listeners are found by: a job, a tenant, or a tenant and a type of event."""


class LiveEvent(NamedTuple):
    """An event to be sent on; progress has no place in the log and cannot be resumed behind."""

    position: LogPosition | None
    job_id: UUID
    tenant: str
    type: str
    generator: str
    time: datetime
    body: str

    @classmethod
    def of(cls, entry: LogEntry) -> "LiveEvent":
        """What stands in the log."""
        position, job_id, tenant, kind, time, body = entry
        generator = str(orjson.loads(body)["data"]["generator"])
        return cls(position, job_id, tenant, kind, generator, time, body)

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
    since: datetime | None = None
    """Not what happened before."""

    def includes(self, event: LiveEvent) -> bool:
        """Whether the listener is to hear it; of other tenants never."""
        return (
            event.tenant == self.tenant
            and (self.job_id is None or event.job_id == self.job_id)
            and (not self.types or stem(event.type) in self.types)
            and (not self.generators or event.generator in self.generators)
            and (self.since is None or event.time >= self.since)
        )

    def found_by(self) -> tuple[Key, ...]:
        """The keys of its listener: nobody looks at it for events of other types."""
        if self.job_id is not None:
            return (self.job_id,)
        return tuple((self.tenant, name) for name in self.types) or (self.tenant,)


def keys_of(job_id: UUID, tenant: str, type_name: str) -> tuple[Key, Key, Key]:
    """Who may want an event, by what they are found by."""
    return job_id, tenant, (tenant, stem(type_name))


def _nothing() -> None:
    """Nobody wants to know."""


class Listener:
    """What one stream has still to send.

    While it reads the log by itself, and too much comes meanwhile, it is `behind` and reads again.
    Who falls behind later is closed, and may resume; `on_close` is called then.
    """

    __slots__ = ("_events", "_reading", "behind", "closed", "on_close", "wanted", "woken")

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.woken = asyncio.Event()
        self.behind = True
        self.closed = False
        self.on_close: Callable[[], object] = _nothing
        self._reading = False
        self._events: deque[LiveEvent] = deque()

    def begin_reading(self) -> None:
        """The log up to now is being read; what comes from now on is collected."""
        self.behind, self._reading = False, True

    def end_reading(self) -> None:
        """All of that was told, unless it is `behind`."""
        self._reading = False

    def offer(self, event: LiveEvent) -> None:
        """Take it along, if it is wanted."""
        if self.closed or self.behind or not self.wanted.includes(event):
            return
        if len(self._events) < MOST_BEHIND:
            self._events.append(event)
            self.woken.set()
        elif self._reading:
            self.behind = True
            self._events.clear()
        else:
            self.close()

    def take(self) -> list[LiveEvent]:
        """All that has come since."""
        events = list(self._events)
        self._events.clear()
        self.woken.clear()
        return events

    def close(self) -> None:
        """Nothing more will come. Again changes nothing."""
        if not self.closed:
            self.closed = True
            self._events.clear()
            self.woken.set()
            self.on_close()
