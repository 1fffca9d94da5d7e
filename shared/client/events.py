"""Listening: Server-Sent Events as an iterator that comes back by itself where it left off.

Source: WHATWG HTML, 9.2 (text/event-stream).
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from shared.client.errors import (
    ApiUnavailableError,
    BusyError,
    HeldBackError,
    TooMuchError,
    UnexpectedAnswerError,
)
from shared.client.transport import CONNECT_TIMEOUT, raise_for_problem, unavailable

SILENCE = 60.0
"""Heartbeats come every 15 seconds: so long a silence is a connection that nobody has closed."""
FIRST_WORD = 10.0
"""A stream says something at once: what does not come is kept back on the way."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 10.0
_KIND = "text/event-stream"
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
        self._heard = False

    async def listen(self, since: str | None, *, to_the_end: bool) -> AsyncIterator[LiveEvent]:
        """All events, for ever, or to the last word. Raises `ApiProblemError`, `HeldBackError`.

        While nobody answers it asks ever less often, and never gives up.
        """
        async with aclosing(self.hear(since)) as heard:
            async for event in heard:
                if event is not None:
                    yield event
                    if to_the_end and event.is_final:
                        return

    async def hear(
        self, since: str | None, *, insist: bool = True
    ) -> AsyncGenerator[LiveEvent | None, None]:
        """The same, and None where it is said that nothing happens.

        Without `insist` it is not waited until more streams may be open: `TooMuchError`.
        """
        parser, pause = EventParser(since), FIRST_PAUSE
        while not self._over:
            try:
                async for event in self._once(parser):
                    pause = FIRST_PAUSE
                    yield event
            except (ApiUnavailableError, BusyError) as error:
                if isinstance(error, TooMuchError) and not insist:
                    raise
                asked = error.retry_after.total_seconds() if error.retry_after else 0.0
                await asyncio.sleep(max(asked, pause))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _once(self, parser: EventParser) -> AsyncIterator[LiveEvent | None]:
        parser.forget_half()
        try:
            async with AsyncExitStack() as opened:
                async for line in await self._open(parser, opened):
                    event = parser.read(line)
                    if not line:
                        yield event
        except httpx.TransportError as error:
            raise unavailable(self._http, error) from error
        if not self._over:
            await asyncio.sleep(FIRST_PAUSE)

    async def _open(self, parser: EventParser, opened: AsyncExitStack) -> AsyncIterator[str]:
        """The lines of a stream that has begun to come."""
        headers = {"Accept": _KIND}
        if parser.position:
            headers["Last-Event-ID"] = parser.position
        timeout = httpx.Timeout(SILENCE, connect=CONNECT_TIMEOUT)
        asked = self._http.stream(
            "GET", self._path, params=self._params, headers=headers, timeout=timeout
        )
        try:
            async with asyncio.timeout(FIRST_WORD):
                lines = self._lines(await opened.enter_async_context(asked))
                parser.read(await anext(lines, ""))
        except TimeoutError as error:
            if self._heard:
                raise ApiUnavailableError(str(self._http.base_url), "not a word") from error
            raise HeldBackError(str(self._http.base_url)) from error
        self._heard = True
        return lines

    async def _lines(self, answer: httpx.Response) -> AsyncIterator[str]:
        if answer.is_error:
            await answer.aread()
        raise_for_problem(answer)
        self._over = answer.status_code == httpx.codes.NO_CONTENT
        if not self._over and not answer.headers.get("content-type", "").startswith(_KIND):
            raise UnexpectedAnswerError(f"{answer.request.url} did not answer with a stream")
        async for line in _lines_of(answer.aiter_text()):
            yield line


async def _lines_of(texts: AsyncIterator[str]) -> AsyncIterator[str]:
    """Unicode has more line breaks than streams do: those are part of what is said."""
    rest = ""
    async for text in texts:
        *lines, rest = (rest + text).split("\n")
        for line in lines:
            yield line.removesuffix("\r")


def listener(
    http: httpx.AsyncClient,
    job_id: object | None,
    types: Iterable[str] = (),
    generators: Iterable[str] = (),
    since: datetime | None = None,
) -> EventListener:
    """For a job, or for all that is wanted; what happened before `since` is not."""
    moment = {"since": since.isoformat()} if since is not None else {}
    if job_id is not None:
        return EventListener(http, f"/v1/media/{job_id}/events", moment)
    names = {"types": list(types), "generator": list(generators)}
    return EventListener(http, "/v1/events", {**names, **moment})
