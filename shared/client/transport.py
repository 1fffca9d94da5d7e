"""One HTTP call: sent again when that is safe, and errors as exceptions of `errors.py`."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
from pydantic import ValidationError

from shared.client.errors import (
    ApiProblemError,
    ApiUnavailableError,
    BusyError,
    Problem,
    UnexpectedAnswerError,
)

CONNECT_TIMEOUT = 5.0
TIMEOUT = 30.0
LONGEST_WAIT = 60
_BUSY = frozenset({429, 502, 503, 504})
_LONGEST_PAUSE = timedelta(seconds=10)


class ApiTransport:
    """Sends calls that may be repeated (reads, or writes with an idempotency key).

    A call that met no answer, or was told to come back (`Retry-After`), is sent up to `tries`
    times.
    """

    def __init__(self, http: httpx.AsyncClient, *, tries: int = 3) -> None:
        self._http = http
        self._tries = tries

    async def call(
        self, method: str, path: str, *, wait: timedelta | None = None, **options: Any
    ) -> Any:
        """The JSON of the answer. Raises `ApiProblemError`, `BusyError`, `ApiUnavailableError`.

        `wait` lets the API answer as late as that (`Prefer: wait`, RFC 7240; to 60 s).
        """
        if wait is not None:
            seconds = min(int(wait.total_seconds()), LONGEST_WAIT)
            options["headers"] = {**options.get("headers", {}), "Prefer": f"wait={seconds}"}
            options["timeout"] = TIMEOUT + seconds
        response = await self._respond(method, path, **options)
        try:
            return response.json()
        except ValueError as error:
            raise UnexpectedAnswerError(
                f"{response.request.url} did not answer with JSON: is this Darkroom's API?"
            ) from error

    async def _respond(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """The answer itself, sent again as described above."""
        for remaining in range(self._tries - 1, -1, -1):
            try:
                return await self._once(method, path, headers=headers or {}, **options)
            except (ApiUnavailableError, BusyError) as error:
                if not remaining:
                    raise
                pause = error.retry_after or timedelta(seconds=0.2 * (self._tries - remaining))
                await asyncio.sleep(min(pause, _LONGEST_PAUSE).total_seconds())
        raise AssertionError("the last try returns or raises")

    async def _once(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise unavailable(self._http, error) from error
        raise_for_problem(response)
        return response


def unavailable(http: httpx.AsyncClient, error: httpx.TransportError) -> ApiUnavailableError:
    """Nobody answered; says where and why."""
    return ApiUnavailableError(str(http.base_url), str(error) or type(error).__name__)


def raise_for_problem(response: httpx.Response) -> None:
    """Turn an error status into an exception; the body has been read."""
    if response.is_success:
        return
    problem, retry_after = _problem(response), _retry_after(response)
    if response.status_code in _BUSY or retry_after is not None:
        raise BusyError(problem or Problem.made_up(response.status_code), retry_after)
    if problem is None:
        raise UnexpectedAnswerError(
            f"{response.request.url} answered {response.status_code} "
            f"{response.text[:200].strip()}: is this Darkroom's API?"
        )
    raise ApiProblemError(problem)


def _problem(response: httpx.Response) -> Problem | None:
    """The problem details in the body; None where it holds something else."""
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None


def _retry_after(response: httpx.Response) -> timedelta | None:
    seconds = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdigit() else None
