"""HTTP as uvicorn speaks it, with a shorter way for the addresses of `DirectRoutes`.

Such a request has no scope, no messages and no events: its answer is one write. Only the plain case
goes this way: HTTP/1.1, no header twice, no other request of the connection in hand, a body that is
small and of a length that is said, or none where there need be none. It is told by the headers, so
everything else (bodies in chunks or past the limits, `Expect`, upgrades, what comes before it is
its turn) is uvicorn's, from its beginning to its end. Connections, their ends and their order are
uvicorn's in any case: a direct request stands in the place of its `RequestResponseCycle`.
"""

import time
from functools import partial
from typing import Any
from uuid import UUID

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared.http.direct import Answer, DirectRequest, DirectRoutes
from shared.http.request_log import NOBODY, RequestLines

CUT = "darkroom.cut"
"""An ASGI extension: its `now()` ends the connection, whatever was not taken of its answer."""
LARGEST = 64 * 1024
"""Bytes of a body that are taken without pausing; what is more is read with ASGI's limits."""


def protocol_for(app: ASGIApp) -> Any:
    """What uvicorn is to speak HTTP with (`Config(http=…)`) for this app."""
    return partial(DirectProtocol, app) if isinstance(app, DirectRoutes) else "auto"


class _NoMore:
    """What waits for the rest of a body that is there: nothing."""

    def set(self) -> None:
        """Nobody hears it."""


class _Exchange(DirectRequest):
    """A direct request and its answer, with what uvicorn wants to know of a cycle."""

    __slots__ = ("answer", "begun", "disconnected", "keep_alive", "response_complete")
    message_event = _NoMore()

    def __init__(
        self, found: tuple[Answer, UUID | None], method: str, path: str, headers: dict[str, str]
    ) -> None:
        super().__init__(method, path, found[1], headers)
        self.answer = found[0]
        self.begun = time.perf_counter()
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False


class DirectProtocol(HttpToolsProtocol):
    """One connection."""

    cycle: Any  # uvicorn's or an `_Exchange`

    def __init__(self, routes: DirectRoutes, **given: Any) -> None:
        super().__init__(**given)
        self._routes = routes
        self._lines = RequestLines()
        self._taking: _Exchange | None = None
        self._resting_since: float | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        if (gone := self._taking) is not None:
            self._lines.tell(gone.method, gone.path, 0, gone.begun)

    def on_message_begin(self) -> None:
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        self._taking = exchange = self._exchange()
        if exchange is not None:
            self.cycle = exchange
            return
        url, expects, headers = self.url, self.expect_100_continue, self.headers
        super().on_message_begin()  # makes the scope
        self.url, self.expect_100_continue = url, expects
        self.headers = self.scope["headers"] = headers
        self.scope["extensions"] = {CUT: {"now": self.transport.abort}}
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if self._taking is None:
            super().on_body(body)
        else:
            self._taking.content += body

    def on_message_complete(self) -> None:
        exchange, self._taking = self._taking, None
        if exchange is None:
            super().on_message_complete()
            return
        task = self.loop.create_task(self._answer(exchange))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """As in uvicorn, but for the timer: one a connection, not one an answer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
            return
        self._resting_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_again_in(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        self.timeout_keep_alive_task = None
        if self._resting_since is None:
            return
        left = self._resting_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_again_in(left)
        else:
            super().timeout_keep_alive_handler()

    def _look_again_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def _unset_keepalive_if_required(self) -> None:
        self._resting_since = None

    def _exchange(self) -> _Exchange | None:
        """What has begun, where the short way is for it."""
        if self.cycle is not None and not self.cycle.response_complete:
            return None
        method = self.parser.get_method()
        found = self._routes.find(method, self.url)
        if found is None or self.expect_100_continue or self.parser.get_http_version() != "1.1":
            return None
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        if len(headers) < len(self.headers):
            return None
        if "transfer-encoding" in headers or "upgrade" in headers:
            return None
        if not _is_plain(method, headers.get("content-length")):
            return None
        exchange = _Exchange(found, method.decode(), self.url.decode("ascii"), headers)
        exchange.keep_alive = self.parser.should_keep_alive()
        return exchange

    async def _answer(self, exchange: _Exchange) -> None:
        status = 0
        try:
            response = await self._outcome(exchange)
            status = response.status_code
            if self.flow.write_paused and not exchange.disconnected:
                await self.flow.drain()
            self._send(exchange, response)
        finally:
            who = getattr(exchange.state, "who", NOBODY)
            self._lines.tell(exchange.method, exchange.path, status, exchange.begun, who)

    async def _outcome(self, exchange: _Exchange) -> Response:
        """Its answer. It is canceled when the time to finish what is in hand is over."""
        try:
            try:
                return await exchange.answer(exchange)
            except Exception as error:
                return await self._routes.explain(error, exchange)
        except BaseException as error:
            self.logger.error("Exception in a direct answer\n", exc_info=error)
            exchange.keep_alive = False
            return PlainTextResponse("Internal Server Error", 500)

    def _send(self, exchange: _Exchange, response: Response) -> None:
        if exchange.disconnected:
            return
        head = [STATUS_LINE[response.status_code]]
        for name, value in self.server_state.default_headers:
            head += (name, b": ", value, b"\r\n")
        for name, value in response.raw_headers:
            head += (name, b": ", value, b"\r\n")
        head.append(b"\r\n" if exchange.keep_alive else b"connection: close\r\n\r\n")
        head.append(bytes(response.body))
        self.transport.write(b"".join(head))
        exchange.response_complete = True
        if not exchange.keep_alive:
            self.transport.close()
        self.on_response_complete()


def _is_plain(method: bytes, length: str | None) -> bool:
    """Whether the body is small, and said to be; whoever only looks sends none."""
    if method == b"GET":
        return length is None
    return length is not None and int(length) <= LARGEST
