"""Only the api may ask the notifier: it alone knows whose request it is (`asking.tenant_of`).

Where a token is set, who does not say it is told nothing. Health and metrics are open to all.
"""

from hmac import compare_digest
from typing import ClassVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.errors import PermanentError
from shared.http import problem_response

OPEN = frozenset({"/health/live", "/health/ready", "/metrics"})


class UnauthenticatedError(PermanentError):
    """The notifier answers the api only: ask the api, with a key of its own."""

    code: ClassVar[str] = "unauthenticated"
    title: ClassVar[str] = "Unauthenticated"
    status: ClassVar[int] = 401


class OnlyTheApi:
    """ASGI middleware: 401 without the token, before anything is read."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN:
            said = Headers(scope=scope).getlist("authorization")
            if len(said) != 1 or not compare_digest(said[0].encode("latin-1"), self._expected):
                refusal = problem_response(UnauthenticatedError(), scope["path"])
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)
