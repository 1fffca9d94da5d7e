"""The few busiest addresses, answered without the framework's own machinery.

A framework's middlewares, routing and injection cost several times what such a request does. It
still documents these addresses, and answers them wherever this is left out; errors become the same
problem details, by the same handlers.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http.handlers import Handler

_ID = 36


class DirectRequest:
    """What a direct answer may know: the headers, the body, and the id that ends the path."""

    def __init__(self, scope: Scope, receive: Receive, ending: UUID | None) -> None:
        self._scope = scope
        self._receive = receive
        self._ending = ending

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """By their names in lower case; of several with one name the first."""
        raw = self._scope["headers"]
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(raw)}

    @property
    def id(self) -> UUID:
        """The id at the end of the path. Raises `LookupError` where there is none."""
        if self._ending is None:
            raise LookupError(self._scope["path"])
        return self._ending

    async def body(self) -> bytes:
        """All of it, read once. Raises `ClientGone`, or what the limit of bodies raises."""
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            whole: bytes = message.get("body", b"")
            return whole
        parts = [message.get("body", b"")]
        while message["type"] == "http.request" and message.get("more_body"):
            message = await self._receive()
            parts.append(message.get("body", b""))
        if message["type"] != "http.request":
            raise ClientGone
        return b"".join(parts)


class ClientGone(Exception):  # noqa: N818
    """Nobody waits for the answer any more."""


Answer = Callable[[DirectRequest], Awaitable[Response]]


class DirectRoutes:
    """ASGI middleware: `answers` by method and path; a path that ends in `/` has an id behind it.

    `handlers` are `exception_handlers()`: what is raised is answered as the framework would.
    """

    def __init__(
        self,
        app: ASGIApp,
        answers: Mapping[tuple[str, str], Answer],
        handlers: Mapping[int | type[Exception], Handler],
    ) -> None:
        self._app = app
        self._answers = dict(answers)
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._find(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        answer, ending = found
        try:
            response = await answer(DirectRequest(scope, receive, ending))
        except ClientGone:
            return
        except Exception as error:
            await self._explain(error, scope, receive, send)
            return
        await response(scope, receive, send)

    def _find(self, scope: Scope) -> tuple[Answer, UUID | None] | None:
        if scope["type"] != "http":
            return None
        method, path = scope["method"], scope["path"]
        if answer := self._answers.get((method, path)):
            return answer, None
        answer = self._answers.get((method, path[:-_ID])) if path[-1:] != "/" else None
        try:
            return (answer, UUID(path[-_ID:])) if answer else None
        except ValueError:
            return None

    async def _explain(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        kind = next(kind for kind in type(error).__mro__ if kind in self._handlers)
        response = await self._handlers[kind](Request(scope, receive), error)
        await response(scope, receive, send)
        if kind is Exception:
            raise error
