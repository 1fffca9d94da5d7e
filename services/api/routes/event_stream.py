"""A stream of events on the wire, to its end or until its client is gone or takes nothing any more.

Source: WHATWG HTML, 9.2 (text/event-stream). An `id:` is a place in the log; progress has none, so
that a client resumes behind what it cannot miss.
"""

import asyncio
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from services.api.errors import UnknownPositionError
from services.api.models.event_log import LogPosition
from services.api.service.listening import EventStream
from services.api.service.live_events import LiveEvent
from shared.events.routing import stem
from shared.http import CUT

RETRY_MS = 1_000
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
LAST_CHANCE = 1.0
"""Seconds in which a stream that ends has to go on being taken."""
_POSITION_BYTES = 16
_LINE_END = re.compile("\r\n|\r|\n")
"""What ends a line of a stream; the other line breaks of Unicode do not."""


class EventStreamResponse(Response):
    """The answer; it closes the stream, however it ends."""

    media_type = "text/event-stream"

    def __init__(self, stream: EventStream) -> None:
        self.status_code = 200
        self.background = None
        self.init_headers(HEADERS)
        self._stream = stream
        self._sent = 0
        self._sending = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (cut := scope.get("extensions", {}).get(CUT)) is not None:
            self._stream.listener.on_close = lambda: self._look_again(cut["now"])
        leaving = asyncio.create_task(self._notice_leaving(receive), name="listener leaving")
        try:
            await self._send(send)
        finally:
            leaving.cancel()
            if self._sending and cut is not None:
                cut["now"]()  # what ends it while nothing is taken need not wait either
            self._stream.listener.on_close = int  # it has ended: nobody is cut off
            self._stream.close()

    async def _send(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await self._pass(send, start)
        await self._pass(send, _body(opening(self._stream.position)))
        async for event in self._stream.events:
            heard = written(event) if isinstance(event, LiveEvent) else heartbeat(event)
            await self._pass(send, _body(heard))
        await self._pass(send, _body(b"", more=False))

    async def _pass(self, send: Send, message: Message) -> None:
        """Returns once the client takes it, or is gone."""
        self._sending = True
        await send(message)
        self._sending = False
        self._sent += 1

    async def _notice_leaving(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._stream.listener.close()

    def _look_again(self, cut: Callable[[], None]) -> None:
        """Cut the connection off if nothing is taken for a while: it would wait for ever."""
        asyncio.get_running_loop().call_later(LAST_CHANCE, self._cut_if_stuck, cut, self._sent)

    def _cut_if_stuck(self, cut: Callable[[], None], sent: int) -> None:
        if self._sending and self._sent == sent:
            cut()
        elif self._sending:
            self._look_again(cut)


def _body(some: bytes, *, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": some, "more_body": more}


def opening(position: LogPosition) -> bytes:
    """How soon to come back, and where: at once, so that it is known that something comes."""
    return f"retry: {RETRY_MS}\nid: {id_of_position(position)}\n\n".encode()


def heartbeat(position: LogPosition) -> bytes:
    """Nothing happens. Whoever resumes need not look through what was not for them."""
    return f": still here\nid: {id_of_position(position)}\n\n".encode()


def written(event: LiveEvent) -> bytes:
    """One event on the wire; every line of its JSON is a line of data."""
    place = f"id: {id_of_position(event.position)}\n" if event.position else ""
    data = "\n".join(f"data: {line}" for line in _LINE_END.split(event.body))
    return f"{place}event: {stem(event.type)}\n{data}\n\n".encode()


def id_of_position(position: LogPosition) -> str:
    """Opaque, for the client to hand back."""
    raw = b"".join(number.to_bytes(8, "big") for number in position)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def position_of_id(said: str) -> LogPosition:
    """Raises `UnknownPositionError` for what we never said."""
    try:
        raw = urlsafe_b64decode(said + "=" * (-len(said) % 4))
    except ValueError as error:
        raise UnknownPositionError from error
    if len(raw) != _POSITION_BYTES or raw[0] > 127 or raw[8] > 127:
        raise UnknownPositionError
    return LogPosition(int.from_bytes(raw[:8], "big"), int.from_bytes(raw[8:], "big"))
