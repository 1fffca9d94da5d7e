"""Who calls is known before anything is read or done, and each route says the scope that it needs.

`Authenticating` stands before the framework, `Door.direct` before the answers past it; both ask the
same `Door`. Each route `needs` one scope, the answers past the framework are `needing` it.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from typing import Any, Final

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from services.api.errors import ScopeMissingError, UnauthenticatedError
from services.api.metrics import AccessMetrics
from services.api.models import Caller, Scope
from services.api.routes.door import Door, noted, single
from services.api.routes.event_stream import LAST_CHANCE
from services.api.routes.headers import caller_of
from services.api.service.keys import require
from shared.errors import DarkroomError
from shared.http import CUT, DirectRequest
from shared.http.direct import Answer
from shared.http.handlers import Handler

OPEN: Final = frozenset({"/metrics", "/openapi.json", "/docs", "/asyncapi"})
OPEN_BELOW: Final = ("/health/", "/static-offline-docs/")
"""What is answered to everybody; everything else needs a key."""


class Authenticating:
    """ASGI middleware: nothing is read of a request before it is known whose it is.

    A stream of events ends when its key does. What was begun otherwise is answered.
    """

    def __init__(
        self, app: ASGIApp, door: Door, handlers: Mapping[int | type[Exception], Handler]
    ) -> None:
        self._app = app
        self._door = door
        self._handlers = handlers

    async def __call__(self, scope: Connection, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            caller = await self._door.caller(single(Headers(scope=scope)))
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind in self._handlers)
            response = await self._handlers[kind](Request(scope), error)
            await response(scope, receive, send)
            return
        scope.setdefault("state", {}).update(noted(caller))
        if caller.key_id is None:
            await self._app(scope, receive, send)
        else:
            await self._while_known(caller, scope, receive, send)

    async def _while_known(
        self, caller: Caller, scope: Connection, receive: Receive, send: Send
    ) -> None:
        try:
            async with asyncio.timeout(None) as limit:
                with ExitStack() as watches:

                    async def send_watched(message: Message) -> None:
                        if _begins_stream(message):
                            watches.enter_context(self._door.watching(caller, limit))
                        await send(message)

                    await self._app(scope, receive, send_watched)
        except TimeoutError:
            if not limit.expired():
                raise
            await _end(scope, send)


def counting(
    handlers: Mapping[int | type[Exception], Handler], metrics: AccessMetrics
) -> dict[int | type[Exception], Handler]:
    """The same handlers; they count who is refused, whichever way he came in."""

    async def refuse(
        request: Request, problem: UnauthenticatedError | ScopeMissingError
    ) -> Response:
        metrics.refused(problem)
        return await handlers[DarkroomError](request, problem)

    return {**handlers, UnauthenticatedError: refuse, ScopeMissingError: refuse}


class Needed:
    """The dependency of a route that needs a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> None:
        require(caller_of(request), self.scope)


def needing(scope: Scope, answer: Answer) -> Answer:
    """The same past the framework."""

    def allowed(request: DirectRequest) -> Awaitable[Response]:
        require(caller_of(request), scope)
        return answer(request)

    return allowed


def needs(scope: Scope) -> Any:
    """To be among the `dependencies` of a route, before all others."""
    return Depends(Needed(scope))


async def _end(scope: Connection, send: Send) -> None:
    """The last word of a stream. Whoever does not take it is cut off."""
    try:
        async with asyncio.timeout(LAST_CHANCE):
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    except TimeoutError:
        if (cut := scope.get("extensions", {}).get(CUT)) is not None:
            cut["now"]()


def _is_open(path: str) -> bool:
    return path in OPEN or path.startswith(OPEN_BELOW)


def _begins_stream(message: Message) -> bool:
    return message["type"] == "http.response.start" and any(
        name == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in message["headers"]
    )
