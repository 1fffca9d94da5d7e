"""The door: who calls is known before anything is read or done, on both ways into the api.

`Authenticating` stands before the framework, `Door.direct` before the answers past it; both ask the
same `Door`. Each route says the scope that it needs (`needs`). With `DARKROOM_AUTH=off` everybody
is let in.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

from fastapi import Depends
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as Connection

from services.api.errors import UnauthenticatedError
from services.api.models import ANYBODY, Caller, Scope
from services.api.routes.event_stream import LAST_CHANCE
from services.api.routes.headers import caller_of
from services.api.service.access import AccessService
from services.api.service.keys import require
from services.api.service.specification import invalid
from shared.errors import FieldError
from shared.http import CUT, DirectRequest
from shared.http.direct import Answer
from shared.http.handlers import Handler
from shared.webhooks.models import TENANT_HEADER

OPEN: Final = frozenset({"/metrics", "/openapi.json", "/docs", "/asyncapi"})
OPEN_BELOW: Final = ("/health/", "/static-offline-docs/")
"""What is answered to everybody; everything else needs a key."""

TENANT: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HOW: Final = "send a key: `Authorization: Bearer dk_…`"


class Door:
    """Says who calls; without `access` everybody may do everything."""

    def __init__(self, access: AccessService | None = None) -> None:
        self._access = access

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who sent these. Raises `UnauthenticatedError`, `ScopeMissingError`."""
        caller = ANYBODY
        if self._access is not None:
            caller = await self._access.by_secret(_token(headers.get("authorization")))
        acting_for = headers.get(TENANT_HEADER)
        return caller if acting_for is None else _acting(caller, acting_for)

    def direct(self, answer: Answer) -> Answer:
        """The same answer, for those who are known."""

        async def admitted(request: DirectRequest) -> Response:
            vars(request.state).update(_noted(await self.caller(request.headers)))
            return await answer(request)

        return admitted

    def watching(self, caller: Caller, limit: asyncio.Timeout) -> Any:
        """Meanwhile the limit is over as soon as the caller's key counts no more."""
        now = asyncio.get_running_loop().time
        assert self._access is not None, "nobody has a key that could be lost"

        def lost() -> None:
            if not limit.expired():  # or somebody was told before and is still on his way out
                limit.reschedule(now())

        return self._access.watching(caller, lost)


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
            caller = await self._door.caller(_single(Headers(scope=scope)))
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind in self._handlers)
            response = await self._handlers[kind](Request(scope), error)
            await response(scope, receive, send)
            return
        scope.setdefault("state", {}).update(_noted(caller))
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


def _noted(caller: Caller) -> dict[str, Any]:
    """What is known of a request from here on; the log tells `who` it was, where that says more."""
    if caller is ANYBODY:
        return {"caller": caller}
    return {"caller": caller, "who": {"tenant": caller.tenant, "by": caller.signature}}


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


def _single(headers: Headers) -> Headers:
    """The headers, where none of those that count here is said twice."""
    for name in ("authorization", TENANT_HEADER):
        if len(headers.getlist(name)) > 1:
            raise UnauthenticatedError(f"The header {name} is there more than once.")
    return headers


def _token(said: str | None) -> str:
    """What follows `Bearer` (RFC 6750, in any case: RFC 9110, 11.1)."""
    if said is None:
        raise UnauthenticatedError(f"This needs a key: {_HOW}.")
    scheme, _, token = said.partition(" ")
    if scheme.lower() != "bearer":
        raise UnauthenticatedError(f"The header Authorization has to begin with Bearer: {_HOW}.")
    return token.strip(" ")


def _acting(caller: Caller, tenant: str) -> Caller:
    """The caller, speaking for another tenant. Raises `ScopeMissingError`."""
    if tenant == caller.tenant:
        return caller
    require(caller, Scope.OPERATE, f"Another tenant in {TENANT_HEADER}")
    if not TENANT.fullmatch(tenant):
        message = "has to be 1 to 64 letters, digits, `_`, `.` or `-`"
        raise invalid([FieldError(f"/header/{TENANT_HEADER}", message)])
    return replace(caller, tenant=tenant)
