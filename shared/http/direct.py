"""The few busiest addresses, answered without the framework's own machinery.

A framework's middlewares, routing and injection, and ASGI's scope, messages and events, cost
several times what such a request does. The framework still documents these addresses, and answers
them wherever `protocol` does not; errors become the same problem details, by the same handlers.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http.handlers import Handler

_ID = 36


class DirectRequest:
    """What a direct answer may know: the headers, the body, and the id that ends the path."""

    __slots__ = ("content", "ending", "headers", "method", "path", "state")

    def __init__(
        self, method: str, path: str, ending: UUID | None, headers: Mapping[str, str]
    ) -> None:
        self.method = method
        self.path = path
        self.ending = ending
        self.headers = headers
        """By their names in lower case; none comes twice."""
        self.content = b""
        self.state: Any = SimpleNamespace()
        """What is found out about it on its way, as Starlette's requests have it."""

    @property
    def id(self) -> UUID:
        """The id at the end of the path. Raises `LookupError` where there is none."""
        if self.ending is None:
            raise LookupError(self.path)
        return self.ending

    async def body(self) -> bytes:
        """All of it."""
        return self.content


Answer = Callable[[DirectRequest], Awaitable[Response]]


class DirectRoutes:
    """An ASGI app, and those of its addresses that have an answer past it.

    `answers` are by method and path; a path that ends in `/` has an id behind it. Paths are plain
    ASCII. `handlers` are `exception_handlers()`: what is raised is answered as the framework would.
    """

    def __init__(
        self,
        app: ASGIApp,
        answers: Mapping[tuple[str, str], Answer],
        handlers: Mapping[int | type[Exception], Handler],
    ) -> None:
        self._app = app
        self._answers = {
            (method.encode(), path.encode()): answer for (method, path), answer in answers.items()
        }
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def find(self, method: bytes, target: bytes) -> tuple[Answer, UUID | None] | None:
        """The answer to this, and the id that the path ends with, where there is one."""
        if answer := self._answers.get((method, target)):
            return (answer, None) if target[-1:] != b"/" else None
        answer = self._answers.get((method, target[:-_ID]))
        try:
            return (answer, UUID(target[-_ID:].decode("ascii"))) if answer else None
        except ValueError:
            return None

    async def explain(self, error: Exception, request: DirectRequest) -> Response:
        """What the framework would answer to a request that ended like this."""
        kind = next(kind for kind in type(error).__mro__ if kind in self._handlers)
        return await self._handlers[kind](_as_request(request), error)


def _as_request(request: DirectRequest) -> Request:
    """As much of it as the handlers look at."""
    return Request(
        {
            "type": "http",
            "method": request.method,
            "path": request.path,
            "query_string": b"",
            "headers": [],
        }
    )
