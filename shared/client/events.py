"""Listening: Server-Sent Events as an iterator that comes back by itself where it left off.

Source: WHATWG HTML, 9.2 (text/event-stream).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

import httpx

from shared.client.errors import ApiUnavailableError, BusyError
from shared.client.transport import CONNECT_TIMEOUT, raise_for_problem, unavailable

SILENCE = 60.0
"""Heartbeats come every 15 seconds: so long a silence is a connection that nobody has closed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
_LAST_WORDS = frozenset({"media.ready", "media.failed", "media.canceled", "media.expired"})


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """`type` is `media.ready` and so on, `body` the whole CloudEvent.

    `position` is where to go on behind it (`since`); progress has none.
    """

    type: str
    body: dict[str, Any]
    position: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether it is the last word about its job."""
        return self.type in _LAST_WORDS


class EventParser:
    """Lines to events; remembers the last position."""

    def __init__(self, since: str | None = None) -> None:
        self.position = since
        self._fields: dict[str, str] = {}
        self._data: list[str] = []

    def forget_half(self) -> None:
        """What was cut off in the middle comes again as a whole."""
        self._fields, self._data = {}, []

    def read(self, line: str) -> LiveEvent | None:
        """The event that this line completes, if it does."""
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name:
                self._fields[name] = value
            return None
        fields, data, self._fields, self._data = self._fields, self._data, {}, []
        if "id" in fields:
            self.position = fields["id"]
        if not data:
            return None
        return LiveEvent(fields.get("event", ""), json.loads("\n".join(data)), fields.get("id"))


class EventListener:
    """One stream, however often it is interrupted; what is lost meanwhile is told again, once."""

    def __init__(self, http: httpx.AsyncClient, path: str, params: dict[str, Any]) -> None:
        self._http = http
        self._path = path
        self._params = params
        self._over = False

    async def listen(self, since: str | None, *, to_the_end: bool) -> AsyncIterator[LiveEvent]:
        """All events, for ever, or to the last word. Raises `ApiProblemError` when it is refused.

        While nobody answers it asks ever less often, and never gives up.
        """
        parser, pause = EventParser(since), FIRST_PAUSE
        while not self._over:
            try:
                async for event in self._once(parser):
                    pause = FIRST_PAUSE
                    yield event
                    if to_the_end and event.is_final:
                        return
            except (ApiUnavailableError, BusyError) as error:
                asked = error.retry_after.total_seconds() if error.retry_after else 0.0
                await asyncio.sleep(max(asked, pause))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _once(self, parser: EventParser) -> AsyncIterator[LiveEvent]:
        headers = {"Accept": "text/event-stream"}
        if parser.position:
            headers["Last-Event-ID"] = parser.position
        parser.forget_half()
        timeout = httpx.Timeout(SILENCE, connect=CONNECT_TIMEOUT)
        try:
            async with self._http.stream(
                "GET", self._path, params=self._params, headers=headers, timeout=timeout
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                raise_for_problem(answer)
                self._over = answer.status_code == httpx.codes.NO_CONTENT
                async for line in answer.aiter_lines():
                    if (event := parser.read(line)) is not None:
                        yield event
        except httpx.TransportError as error:
            raise unavailable(self._http, error) from error
        if not self._over:
            await asyncio.sleep(FIRST_PAUSE)


def listener(
    http: httpx.AsyncClient,
    job_id: object | None,
    types: Iterable[str],
    generators: Iterable[str],
) -> EventListener:
    """For a job, or for all that is wanted."""
    if job_id is not None:
        return EventListener(http, f"/v1/media/{job_id}/events", {})
    return EventListener(http, "/v1/events", {"types": list(types), "generator": list(generators)})
