"""One HTTP call: sent again when that is safe, and errors as exceptions of `errors.py`."""

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import ValidationError

from shared.client.errors import (
    ApiUnavailableError,
    BusyError,
    OutOfServiceError,
    Problem,
    TooMuchError,
    UnexpectedAnswerError,
    refusal,
)

CONNECT_TIMEOUT = 5.0
TIMEOUT = 30.0
LONGEST_WAIT = 60
PATIENCE = timedelta(seconds=30)
_OUT_OF_SERVICE = frozenset({502, 503, 504})
_PAUSE = 0.2
_spread = random.SystemRandom().uniform

OnPause = Callable[[BusyError | ApiUnavailableError, timedelta], None]
"""Told why a call is sent again, and how long after."""


class ApiTransport:
    """Sends calls that may be repeated (reads, or writes with an idempotency key).

    A call that met no answer, or was told to come back, is sent up to `tries` times: not before
    `Retry-After` says, and not at all when that is longer than what is left of `patience`.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        tries: int = 3,
        patience: timedelta = PATIENCE,
        on_pause: OnPause = lambda _error, _pause: None,
    ) -> None:
        self._http = http
        self._tries = tries
        self._patience = patience
        self._on_pause = on_pause

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
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
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
        patience = self._patience
        for number in range(1, self._tries + 1):
            try:
                return await self._once(method, path, headers=headers or {}, **options)
            except (ApiUnavailableError, BusyError) as error:
                pause = _pause(error, number)
                if number == self._tries or pause > patience:
                    raise
                patience -= pause
                self._on_pause(error, pause)
                await asyncio.sleep(pause.total_seconds())
        raise AssertionError("the last try returns or raises")

    async def _once(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise unavailable(self._http, error) from error
        raise_for_problem(response)
        return response


def _pause(error: BusyError | ApiUnavailableError, number: int) -> timedelta:
    """What the API asked for, or a little more each time; never all callers at the same moment."""
    asked = error.retry_after
    return (timedelta(seconds=_PAUSE * number) if asked is None else asked) * _spread(1, 1.1)


def unavailable(http: httpx.AsyncClient, error: httpx.TransportError) -> ApiUnavailableError:
    """Nobody answered; says where and why."""
    return ApiUnavailableError(str(http.base_url), str(error) or type(error).__name__)


def raise_for_problem(response: httpx.Response) -> None:
    """Turn an error status into an exception; the body has been read."""
    if response.is_success:
        return
    problem, retry_after = _problem(response), _retry_after(response)
    kind = _busy(response.status_code, retry_after)
    if kind:
        raise kind(problem or Problem.made_up(response.status_code), retry_after)
    if problem is None:
        raise UnexpectedAnswerError(
            f"{response.request.url} answered {response.status_code} "
            f"{response.text[:200].strip()}: is this Darkroom's API?"
        )
    raise refusal(problem)


def _busy(status: int, retry_after: timedelta | None) -> type[BusyError] | None:
    """Whether asking again later may help."""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return TooMuchError
    if status in _OUT_OF_SERVICE:
        return OutOfServiceError
    return BusyError if retry_after is not None else None


def _problem(response: httpx.Response) -> Problem | None:
    """The problem details in the body; None where it holds something else."""
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None


def _retry_after(response: httpx.Response) -> timedelta | None:
    """`Retry-After` in either of its forms (RFC 9110, 10.2.3): seconds or a date."""
    said = response.headers.get("Retry-After", "")
    if said.isdigit():
        return timedelta(seconds=int(said))
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    return max(timedelta(0), moment.astimezone(UTC) - datetime.now(UTC))
