"""Refuses bodies that are too large before anything reads them into memory."""

from collections.abc import Mapping
from typing import ClassVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import PermanentError
from shared.http.responses import problem_response

MIB = 1024 * 1024


class BodyTooLargeError(PermanentError):
    """The request's body is larger than this address takes."""

    code: ClassVar[str] = "body_too_large"
    title: ClassVar[str] = "Body too large"
    status: ClassVar[int] = 413


class BodyLimit:
    """ASGI middleware: 413 for more than `limit` bytes; `exceptions` have limits by exact path.

    A declared Content-Length is refused at once, a stream as soon as it passes the limit.
    """

    def __init__(
        self, app: ASGIApp, *, limit: int = MIB, exceptions: Mapping[str, int] | None = None
    ) -> None:
        self._app = app
        self._limit = limit
        self._exceptions = dict(exceptions or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        limit = self._exceptions.get(scope["path"], self._limit)
        if _declared_length(scope) > limit:
            await problem_response(_too_large(limit), scope["path"])(scope, receive, send)
            return
        await self._app(scope, _limited(receive, limit), send)


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(limit: int) -> BodyTooLargeError:
    return BodyTooLargeError(f"The body may have at most {limit:,} bytes.", extra={"limit": limit})


def _limited(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def receive_limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return receive_limited
