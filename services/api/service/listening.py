"""Streams of events: first what the log holds behind a position, then what comes.

A listener is in the hub before the log is read, so nothing falls between the two; what came both
ways is told once, for positions only grow.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import SystemRandom

import structlog

from services.api.errors import EventsGoneError, UnknownPositionError
from services.api.models.event_log import BEGINNING, LogPosition
from services.api.service.event_follower import PAGE, EventFollower
from services.api.service.event_hub import EventHub
from services.api.service.live_events import Listener, LiveEvent, Wanted
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.database.transient import is_transient
from shared.messaging.waiting import is_set_within

log = structlog.get_logger(__name__)
_shorten = SystemRandom().uniform


@dataclass(frozen=True, slots=True)
class Streaming:
    """How often, at the least, idle streams say that they are there, and how long they last.

    Both are shortened by chance, so that what began together is not due together ever after.
    """

    heartbeat: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EventStream:
    """What one client is told, from `position` on.

    A position among the `events` says that nothing happens, and how far it is from now on. Whoever
    holds it closes it.
    """

    position: LogPosition
    events: AsyncIterator[LiveEvent | LogPosition]
    listener: Listener
    hub: EventHub

    def close(self) -> None:
        """Nobody listens any more. Again changes nothing."""
        self.listener.close()
        self.hub.remove(self.listener)


class ListeningService:
    """Opens streams."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        hub: EventHub,
        follower: EventFollower,
        streaming: Streaming,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._hub = hub
        self._follower = follower
        self._heartbeat = streaming.heartbeat.total_seconds()
        self._longest = streaming.longest.total_seconds()

    async def listen_to_job(self, wanted: Wanted, after: LogPosition | None) -> EventStream | None:
        """From its beginning, or behind `after`, to its end; None when that has been told.

        Raises `MediaRequestNotFoundError`, `MediaDeletedError`, `UnknownPositionError`,
        `TooManyListenersError`.
        """
        assert wanted.job_id is not None
        async with self._unit_of_work() as work:
            await work.jobs.get(wanted.tenant, wanted.job_id)
            if after is not None:
                await _require_known(work, after)
            elif wanted.since is not None:
                after = await _last_before(work, wanted, wanted.since)
            if after is not None and await work.event_log.has_ended(wanted.job_id, after):
                return None
        return self._open(wanted, after or BEGINNING)

    async def listen_to_all(self, wanted: Wanted, after: LogPosition | None) -> EventStream:
        """All of a tenant that is wanted: behind `after`, since a moment, or from now on.

        Raises `UnknownPositionError`, `EventsGoneError`, `TooManyListenersError`.
        """
        async with self._unit_of_work() as work:
            if after is not None:
                await _require_known(work, after)
                await _require_all_behind(work, wanted.tenant, after)
            elif wanted.since is not None:
                after = await work.event_log.at(wanted.since)
            else:
                after = await work.event_log.now()
        return self._open(wanted, after)

    def _open(self, wanted: Wanted, position: LogPosition) -> EventStream:
        listener = self._hub.add(wanted)
        return EventStream(position, self._events(listener, position), listener, self._hub)

    async def _events(
        self, listener: Listener, position: LogPosition
    ) -> AsyncIterator[LiveEvent | LogPosition]:
        wanted, until_end = listener.wanted, listener.wanted.job_id is not None
        while listener.behind and not listener.closed:
            listener.begin_reading()
            async for found in self._read(listener, position):
                if not isinstance(found, LiveEvent):
                    position = found
                    yield found
                    continue
                position = found.position or position
                if wanted.includes(found):
                    yield found
                if until_end and found.final:
                    return
            listener.end_reading()
        async for live in self._coming(listener, position):
            yield live
            if until_end and isinstance(live, LiveEvent) and live.final:
                return

    async def _read(
        self, listener: Listener, position: LogPosition
    ) -> AsyncIterator[LiveEvent | LogPosition]:
        """What the log holds; while the database is away the stream ends, to be resumed."""
        told = self._told_of_all if listener.wanted.job_id is None else self._told_of_job
        try:
            await self._follower.begin()
            async for found in told(listener, position):
                yield found
        except Exception as error:
            if not is_transient(error):
                raise
            log.info("listening.interrupted", error=repr(error))
            listener.close()

    async def _coming(
        self, listener: Listener, position: LogPosition
    ) -> AsyncIterator[LiveEvent | LogPosition]:
        now = asyncio.get_running_loop().time
        ends = now() + self._longest * _shorten(0.9, 1.0)
        while not listener.closed and (left := ends - now()) > 0:
            await is_set_within(listener.woken, min(self._heartbeat * _shorten(0.5, 1.0), left))
            events = listener.take()
            for event in events:
                if event.position is None:
                    yield event
                elif event.position > position:
                    position = event.position
                    yield event
            if not (events or listener.closed):
                position = max(position, self._follower.reached or position)
                yield position

    async def _told_of_job(
        self, listener: Listener, position: LogPosition
    ) -> AsyncIterator[LiveEvent | LogPosition]:
        """What the log holds, a page at a time."""
        job_id, full = listener.wanted.job_id, True
        assert job_id is not None
        while full and not listener.closed:
            async with self._unit_of_work() as work:
                work.alone()
                page = await work.event_log.list_of_job(job_id, position, PAGE)
            for entry in page:
                yield LiveEvent.of(entry)
            full = len(page) == PAGE
            position = page[-1].position if page else position

    async def _told_of_all(
        self, listener: Listener, position: LogPosition
    ) -> AsyncIterator[LiveEvent | LogPosition]:
        """The same a window at a time, and after each how far it has been looked through."""
        wanted, full = listener.wanted, True
        while full and not listener.closed:
            async with self._unit_of_work() as work:
                work.alone()
                window = await work.event_log.find_window(position, wanted.tenant, wanted.types)
            for some in _portions(window.seqs, PAGE):
                async with self._unit_of_work() as work:
                    work.alone()
                    entries = await work.event_log.list_entries(some)
                for entry in entries:
                    yield LiveEvent.of(entry)
            position, full = window.reached, window.full
            if full:
                yield position


def _portions(seqs: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """In portions of at most that many."""
    return (seqs[first : first + size] for first in range(0, len(seqs), size))


async def _last_before(work: ApiUnitOfWork, wanted: Wanted, moment: datetime) -> LogPosition | None:
    """The last event of the job that is not wanted because it is too old; None: there is none."""
    assert wanted.job_id is not None
    page = await work.event_log.list_of_job(wanted.job_id, BEGINNING, PAGE)
    return max((entry.position for entry in page if entry.time < moment), default=None)


async def _require_known(work: ApiUnitOfWork, position: LogPosition) -> None:
    if not await work.event_log.is_known(position):
        raise UnknownPositionError


async def _require_all_behind(work: ApiUnitOfWork, tenant: str, position: LogPosition) -> None:
    floor = await work.event_log.find_floor(tenant)
    if floor is not None and position < floor:
        raise EventsGoneError
