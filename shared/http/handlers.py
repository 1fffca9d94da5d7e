"""Every way a request can end badly, turned into problem details.

Given to Starlette or FastAPI as `exception_handlers`; a service adds those of its own framework.
"""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import asyncpg
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from shared.database.away import DatabaseUnavailableError
from shared.database.transient import is_transient
from shared.errors import DarkroomError, RetryableError
from shared.http.responses import problem_response, respond
from shared.problem import problem_of_status

Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]

RETRY_AFTER = timedelta(seconds=2)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

log = structlog.get_logger(__name__)


def exception_handlers() -> dict[int | type[Exception], Handler]:
    """A handler for every exception that may leave a route."""
    return {
        DarkroomError: _on_darkroom_error,
        HTTPException: _on_http_exception,
        ClientDisconnect: _on_gone,
        asyncpg.PostgresError: _on_unavailable,
        DatabaseUnavailableError: _on_unavailable,
        Exception: _on_bug,
    }


async def _on_darkroom_error(request: Request, error: DarkroomError) -> Response:
    if isinstance(error, RetryableError) and error.retry_after is None:
        error.retry_after = RETRY_AFTER
    return problem_response(error, request.url.path)


async def _on_http_exception(request: Request, error: HTTPException) -> Response:
    detail, headers = error.detail, dict(error.headers or {})
    if error.status_code == 404:
        detail = f"There is nothing at {request.url.path}."
    elif error.status_code == 405:
        headers = {"Allow": ", ".join(_methods_at(request))}
        detail = f"{request.method} is not possible at {request.url.path}."
    return respond(problem_of_status(error.status_code, detail, request.url.path), headers)


def _methods_at(request: Request) -> list[str]:
    """What is possible at the path; several routes may share it."""
    return [
        method
        for method in METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


class _Silence(Response):
    """No answer, for nobody waits for one."""

    async def __call__(self, _scope: Scope, _receive: Receive, _send: Send) -> None:
        return


async def _on_gone(_request: Request, _error: ClientDisconnect) -> Response:
    return _Silence()


async def _on_unavailable(request: Request, error: Exception) -> Response:
    if not is_transient(error):
        return await _on_bug(request, error)
    log.warning("request.unavailable", path=request.url.path, error=repr(error)[:500])
    return problem_response(
        RetryableError(
            "A part that this needs is away for the moment; ask again.", retry_after=RETRY_AFTER
        ),
        request.url.path,
    )


async def _on_bug(request: Request, error: Exception) -> Response:
    log.error("request.failed", method=request.method, path=request.url.path, exc_info=error)
    return problem_response(
        DarkroomError("Something went wrong here, not with you; it has been logged."),
        request.url.path,
    )
