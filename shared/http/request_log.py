"""One wide line for each request that changes something or goes wrong."""

import time
from collections.abc import Mapping
from types import MappingProxyType

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOBODY: Mapping[str, str] = MappingProxyType({})
_LOOKING = frozenset({"GET", "HEAD"})

log = structlog.get_logger(__name__)


class RequestLines:
    """The lines: method, path, status and how long it took to the last byte.

    Looking at something that is there is told at debug level only: clients poll, and so do probes.
    """

    def __init__(self) -> None:
        self._log = log.bind()  # once, not for every request

    def tell(
        self, method: str, path: str, status: int, begun: float, who: Mapping[str, str] = NOBODY
    ) -> None:
        """This has been handled; status 0: nobody was there for an answer.

        `who` asked, where that is known: the request's `state` has it.
        """
        quiet = method in _LOOKING and 0 < status < 400
        (self._log.debug if quiet else self._log.info)(
            "request.handled",
            method=method,
            path=path,
            status=status,
            duration_ms=round((time.perf_counter() - begun) * 1000, 2),
            **who,
        )


class RequestLog:
    """ASGI middleware that writes them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lines = RequestLines()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0

        async def send_noting_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting_status)
        finally:
            who = scope.get("state", {}).get("who", NOBODY)
            self._lines.tell(scope["method"], scope["path"], status, begun, who)
