"""What went wrong in an attempt, whoever raised it: the class of the error decides.

Used on both sides of the pipe: a child sends its setback, the worker raises it again.
"""

import asyncio
import errno
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from services.generator.errors import ChildDiedError, FailureClass
from shared.errors import (
    CanceledError,
    DarkroomError,
    InvalidInputError,
    RateLimitedError,
    RetryableError,
    TimedOutError,
    UnknownOutcomeError,
)

STOPPED = CanceledError.code
"""The code of a run that was told to stop, and has."""

_LONGEST = 500
_PASSING = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EAGAIN})
_CLASSES: tuple[tuple[type[DarkroomError], FailureClass], ...] = (
    (TimedOutError, FailureClass.TIMED_OUT),
    (RateLimitedError, FailureClass.RATE_LIMITED),
    (ChildDiedError, FailureClass.CRASHED),
    (RetryableError, FailureClass.TRANSIENT),
    (UnknownOutcomeError, FailureClass.UNKNOWN),
    (DarkroomError, FailureClass.PERMANENT),
)
_UNNAMED = {"no_room": FailureClass.TRANSIENT, "out_of_memory": FailureClass.CRASHED}


@dataclass(frozen=True, slots=True)
class Setback:
    """A failed attempt: `code` for programs, `message` for people (never a stack), its class."""

    code: str
    message: str
    kind: FailureClass
    retry_after: timedelta | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same may succeed later."""
        return self.kind not in {FailureClass.PERMANENT, FailureClass.UNKNOWN}

    def as_dict(self) -> dict[str, Any]:
        """For the pipe."""
        return {
            "code": self.code,
            "message": self.message,
            "kind": self.kind.value,
            "retry_after": None if self.retry_after is None else self.retry_after.total_seconds(),
        }

    @classmethod
    def from_dict(cls, sent: dict[str, Any]) -> "Setback":
        """What came through the pipe."""
        seconds = sent["retry_after"]
        after = None if seconds is None else timedelta(seconds=seconds)
        return cls(sent["code"], sent["message"], FailureClass(sent["kind"]), after)


class AttemptFailedError(Exception):
    """An attempt failed in a child, for the reason in `setback`."""

    def __init__(self, setback: Setback) -> None:
        super().__init__(setback.message)
        self.setback = setback


def setback_of(error: BaseException) -> Setback:
    """The setback that an exception means. What nobody has a name for is permanent."""
    if isinstance(error, AttemptFailedError):
        return error.setback
    if isinstance(error, DarkroomError):
        kind = next(kind for base, kind in _CLASSES if isinstance(error, base))
        return Setback(error.code, _short(error.detail), kind, error.retry_after)
    code, message = _unclassed(error)
    return Setback(code, _short(message), _UNNAMED.get(code, FailureClass.PERMANENT))


def _unclassed(error: BaseException) -> tuple[str, str]:
    match error:
        case ValidationError():
            return InvalidInputError.code, _invalid(error)
        case asyncio.CancelledError():
            return STOPPED, "It was stopped."
        case MemoryError():
            return "out_of_memory", "It needed more memory than it may."
        case OSError(errno=errno.EFBIG):
            return "output_too_large", "It wrote more than it may."
        case OSError() if error.errno in _PASSING:
            return "no_room", _described(error)
    return "generator_error", _described(error)


def expected(error: BaseException) -> bool:
    """Whether the error has a name, or its stack has been logged where it was raised."""
    return isinstance(error, AttemptFailedError) or setback_of(error).code != "generator_error"


def _invalid(error: ValidationError) -> str:
    """Each field and what is wrong with it; rules about several fields name them in their words."""
    problems = error.errors(include_url=False, include_input=False)
    places = (".".join(str(part) for part in problem["loc"]) for problem in problems)
    words = (problem["msg"].removeprefix("Value error, ") for problem in problems)
    told = zip(places, words, strict=True)
    return "; ".join(f"{place}: {said}" if place else said for place, said in told)


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
