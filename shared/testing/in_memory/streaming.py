"""Server-sent events of the in-memory Darkroom, as they happen.

httpx calls an application in this process to its end before it shows the answer; a stream that goes
on is therefore answered beside it.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import httpx

from shared.errors import DarkroomError, FieldError, InvalidInputError
from shared.events import CloudEvent, MediaDeleted, MediaGenerated, MediaProgressed, encode
from shared.events.media import FinalMessage
from shared.events.routing import stem
from shared.problem import CONTENT_TYPE, problem_of
from shared.testing.in_memory.jobs import InMemoryJobs
from shared.testing.in_memory.refusals import UnknownPositionError

EVENTS = "/events"
HEADERS = {"content-type": "text/event-stream", "cache-control": "no-store"}
_LOOK_AGAIN = 0.01


class InMemoryTransport(httpx.AsyncBaseTransport):
    """The whole api: its calls, and its streams."""

    def __init__(self, jobs: InMemoryJobs, calls: httpx.AsyncBaseTransport) -> None:
        self._jobs = jobs
        self._calls = calls

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method != "GET" or not path.endswith(EVENTS):
            return await self._calls.handle_async_request(request)
        job_id = path.removeprefix("/v1/media/").removesuffix(EVENTS) if "media" in path else None
        try:
            return self._answer(request, job_id)
        except DarkroomError as error:
            headers = {"content-type": CONTENT_TYPE}
            return httpx.Response(error.status, json=problem_of(error, path), headers=headers)

    def _answer(self, request: httpx.Request, job_id: str | None) -> httpx.Response:
        wanted = _Wanted.by(request, job_id)
        position = self._position(request, wanted)
        if job_id is not None and self._has_heard_all(job_id, position):
            return httpx.Response(204)
        stream = _EventStream(self._jobs, wanted, position)
        return httpx.Response(200, headers=HEADERS, stream=stream)

    def _has_heard_all(self, job_id: str, position: int) -> bool:
        rest = self._jobs.events[position:]
        return self._jobs.get(job_id).is_final and all(one.subject != job_id for one in rest)

    def _position(self, request: httpx.Request, wanted: "_Wanted") -> int:
        """How many events the listener has had: a job's begin at its beginning, others now."""
        if wanted.job_id is not None:
            self._jobs.get(wanted.job_id)
        events = self._jobs.events
        said = request.headers.get("last-event-id") or request.url.params.get("last_event_id")
        if said:
            if not said.isdecimal() or int(said) > len(events):
                raise UnknownPositionError
            return int(said)
        if wanted.since is not None:
            old = [place for place, one in enumerate(events, 1) if one.time < wanted.since]
            return max(old, default=0)
        return 0 if wanted.job_id is not None else len(events)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A job's events, or all of these types and generators; nothing named: all."""

    job_id: str | None
    types: list[str]
    generators: list[str]
    since: datetime | None

    @classmethod
    def by(cls, request: httpx.Request, job_id: str | None) -> "_Wanted":
        """What the address says. Raises `InvalidInputError`."""
        params, since = request.url.params, None
        if said := params.get("since"):
            try:
                since = datetime.fromisoformat(said)
            except ValueError as error:
                wrong = FieldError("/query/since", "is no time (RFC 3339)")
                raise InvalidInputError("since: is no time (RFC 3339)", errors=[wrong]) from error
        return cls(job_id, params.get_list("types"), params.get_list("generator"), since)

    def includes(self, event: CloudEvent) -> bool:
        """Whether it is to be told, here and at the real api, which hears of no `generated`."""
        generator = getattr(event.data, "generator", None)
        return (
            self.job_id in (None, event.subject)
            and (not self.types or stem(event.type) in self.types)
            and (not self.generators or generator in self.generators)
            and not isinstance(event.data, MediaGenerated)
            and (self.since is None or event.time >= self.since)
        )


class _EventStream(httpx.AsyncByteStream):
    def __init__(self, jobs: InMemoryJobs, wanted: _Wanted, position: int) -> None:
        self._jobs = jobs
        self._wanted = wanted
        self._position = position

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"retry: 1000\nid: %d\n\n" % self._position
        while True:
            while self._position < len(self._jobs.events):
                event = self._jobs.events[self._position]
                self._position += 1
                if self._wanted.includes(event) and not self._is_erased(event):
                    yield _frame(event, self._position)
                    if self._wanted.job_id is not None and isinstance(event.data, FinalMessage):
                        return
            await asyncio.sleep(_LOOK_AGAIN)

    def _is_erased(self, event: CloudEvent) -> bool:
        """What was said of a deleted job is gone, but that it was deleted."""
        gone = event.subject not in self._jobs.jobs
        return gone and not isinstance(event.data, MediaDeleted)


def _frame(event: CloudEvent, position: int) -> bytes:
    """One event; news that may be lost have no place to resume from."""
    place = b"" if isinstance(event.data, MediaProgressed) else b"id: %d\n" % position
    return place + b"event: %s\ndata: %s\n\n" % (stem(event.type).encode(), encode(event))
