"""Streams of events: first what the log holds behind a position, then what comes.

A listener is in the hub before the log is read, so nothing falls between the two; what came both
ways is told once, for positions only grow.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.api.errors import UnknownPositionError
from services.api.models.event_log import BEGINNING, LogPosition
from services.api.service.live_events import (
    PAGE,
    EventFollower,
    EventHub,
    Listener,
    LiveEvent,
    Wanted,
)
from services.api.unit_of_work import OpenUnitOfWork
from shared.messaging.waiting import is_set_within


@dataclass(frozen=True, slots=True)
class EventStream:
    """What one client is told, from `position` on; None in `events` says that nothing happens."""

    position: LogPosition
    events: AsyncIterator[LiveEvent | None]


class ListeningService:
    """Opens streams."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        hub: EventHub,
        follower: EventFollower,
        heartbeat: timedelta,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._follower = follower
        self._heartbeat = heartbeat.total_seconds()

    async def listen_to_job(
        self, tenant: str, job_id: UUID, after: LogPosition | None
    ) -> EventStream | None:
        """From its beginning, or behind `after`, to its end; None when that has been told.

        Raises `MediaRequestNotFoundError`, `MediaDeletedError`, `UnknownPositionError`,
        `TooManyListenersError` (by the stream's first step).
        """
        async with self._unit_of_work() as work:
            await work.jobs.get(tenant, job_id)
            if after is not None:
                _require(await work.event_log.is_known(after))
                if await work.event_log.has_ended(job_id, after):
                    return None
        position = after or BEGINNING
        return EventStream(position, self._events(Wanted(tenant, job_id), position))

    async def listen_to_all(self, wanted: Wanted, after: LogPosition | None) -> EventStream:
        """All of a tenant that is wanted, from now or behind `after`. Raises as above."""
        if after is not None:
            async with self._unit_of_work() as work:
                _require(await work.event_log.is_known(after))
            return EventStream(after, self._events(wanted, after))
        async with self._unit_of_work() as work:
            position = await work.event_log.now()
        return EventStream(position, self._events(wanted, position))

    async def _events(
        self, wanted: Wanted, position: LogPosition
    ) -> AsyncIterator[LiveEvent | None]:
        listener = self._hub.add(wanted)
        try:
            yield None
            await self._follower.begin()
            async for event in self._told(wanted, position):
                position = event.position or position
                if wanted.includes(event):
                    yield event
                if wanted.job_id is not None and event.final:
                    return
            async for live in self._coming(listener, position):
                yield live
                if live is not None and wanted.job_id is not None and live.final:
                    return
        finally:
            self._hub.remove(listener)

    async def _coming(
        self, listener: Listener, position: LogPosition
    ) -> AsyncIterator[LiveEvent | None]:
        while not listener.closed:
            if not await is_set_within(listener.woken, self._heartbeat):
                yield None
            for event in listener.take():
                if event.position is None:
                    yield event
                elif event.position > position:
                    position = event.position
                    yield event

    async def _told(self, wanted: Wanted, position: LogPosition) -> AsyncIterator[LiveEvent]:
        """What the log holds, a page at a time."""
        full = True
        while full:
            async with self._unit_of_work() as work:
                work.alone()
                page = await work.event_log.list_after(
                    position, PAGE, tenant=wanted.tenant, job_id=wanted.job_id
                )
            for entry in page:
                yield LiveEvent.of(entry)
            full = len(page) == PAGE
            position = page[-1].position if page else position


def _require(known: bool) -> None:
    if not known:
        raise UnknownPositionError
