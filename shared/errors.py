"""The one tree of errors. The class decides: retried or not, which HTTP status, dead letter or not.

Every error carries a stable `code` (snake case, part of the public contract) and a message that
says what is wrong and what to do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field: `pointer` is a JSON Pointer (RFC 6901) into the request body."""

    pointer: str
    message: str

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "message": self.message}


class DarkroomError(Exception):
    """Something Darkroom itself has a name for."""

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Internal error"
    status: ClassVar[int] = 500

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        retry_after: timedelta | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail or (self.__doc__ or self.title).strip().splitlines()[0])
        self.errors = tuple(errors)
        self.retry_after = retry_after
        self.extra = dict(extra or {})

    @property
    def detail(self) -> str:
        return str(self.args[0])


class RetryableError(DarkroomError):
    """A passing failure: the same thing may work later."""

    code = "unavailable"
    title = "Temporarily unavailable"
    status = 503


class PermanentError(DarkroomError):
    """Trying again would fail in the same way."""

    code = "failed"
    title = "Failed"
    status = 422


class InvalidInputError(PermanentError):
    """The input does not fit what was asked for."""

    code = "invalid_input"
    title = "Invalid input"
    status = 422


class NotFoundError(PermanentError):
    """There is no such thing here."""

    code = "not_found"
    title = "Not found"
    status = 404


class ConflictError(PermanentError):
    """The request does not fit the present state."""

    code = "conflict"
    title = "Conflict"
    status = 409


class TimedOutError(RetryableError):
    """It took longer than it may."""

    code = "timed_out"
    title = "Timed out"
    status = 504


class RateLimitedError(RetryableError):
    """Somebody else takes no more for now; `retry_after` says how long."""

    code = "rate_limited"
    title = "Rate limited"
    status = 429


class WorkerLostError(RetryableError):
    """The worker that ran the attempt died or lost its lease."""

    code = "worker_lost"
    title = "Worker lost"


class UnknownOutcomeError(PermanentError):
    """Something may have been ordered and paid for, and nobody can say whether it was.

    The job is neither repeated nor failed: it waits for somebody who looks and decides.
    """

    code = "outcome_unknown"
    title = "Outcome unknown"
    status = 409


class CanceledError(PermanentError):
    """Somebody asked for it to stop."""

    code = "canceled"
    title = "Canceled"
    status = 409
