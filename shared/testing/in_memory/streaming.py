"""Server-sent events of the in-memory Darkroom, as they happen.

httpx calls an application in this process to its end before it shows the answer; a stream that goes
on is therefore answered beside it.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from shared.errors import DarkroomError
from shared.events import CloudEvent, MediaProgressed, encode
from shared.events.media import FinalMessage
from shared.events.routing import stem
from shared.problem import CONTENT_TYPE, problem_of
from shared.testing.in_memory.jobs import InMemoryJobs

EVENTS = "/events"
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
            if job_id is not None:
                self._jobs.get(job_id)
        except DarkroomError as error:
            headers = {"content-type": CONTENT_TYPE}
            return httpx.Response(error.status, json=problem_of(error, path), headers=headers)
        position = self._position(request, job_id)
        if job_id is not None and self._has_heard_all(job_id, position):
            return httpx.Response(204)
        stream = _EventStream(self._jobs, _Wanted.by(request, job_id), position)
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=stream)

    def _has_heard_all(self, job_id: str, position: int) -> bool:
        rest = self._jobs.events[position:]
        return self._jobs.get(job_id).is_final and all(one.subject != job_id for one in rest)

    def _position(self, request: httpx.Request, job_id: str | None) -> int:
        """How many events the listener has had: a job's begin at its beginning, others now."""
        said = request.headers.get("last-event-id") or request.url.params.get("last_event_id")
        if said:
            return int(said)
        return 0 if job_id is not None else len(self._jobs.events)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A job's events, or all of these types and generators; nothing named: all."""

    job_id: str | None
    types: list[str]
    generators: list[str]

    @classmethod
    def by(cls, request: httpx.Request, job_id: str | None) -> "_Wanted":
        params = request.url.params
        return cls(job_id, params.get_list("types"), params.get_list("generator"))

    def includes(self, event: CloudEvent) -> bool:
        generator = getattr(event.data, "generator", None)
        return (
            self.job_id in (None, event.subject)
            and (not self.types or stem(event.type) in self.types)
            and (not self.generators or generator in self.generators)
        )


class _EventStream(httpx.AsyncByteStream):
    def __init__(self, jobs: InMemoryJobs, wanted: _Wanted, position: int) -> None:
        self._jobs = jobs
        self._wanted = wanted
        self._position = position

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            while self._position < len(self._jobs.events):
                event = self._jobs.events[self._position]
                self._position += 1
                if self._wanted.includes(event):
                    yield _frame(event, self._position)
                    if self._wanted.job_id is not None and isinstance(event.data, FinalMessage):
                        return
            await asyncio.sleep(_LOOK_AGAIN)


def _frame(event: CloudEvent, position: int) -> bytes:
    """One event; news that may be lost have no place to resume from."""
    place = b"" if isinstance(event.data, MediaProgressed) else b"id: %d\n" % position
    return place + b"event: %s\ndata: %s\n\n" % (stem(event.type).encode(), encode(event))
