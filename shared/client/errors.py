"""What can go wrong when one talks to the API; each says it in a sentence."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.errors import DarkroomError, FieldError, PermanentError, RetryableError


class ProblemField(BaseModel):
    """One bad field of a request."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    pointer: str = ""
    message: str


class Problem(BaseModel):
    """Problem details (RFC 9457) with our members `code` and `errors`."""

    model_config = ConfigDict(frozen=True, extra="allow")
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: tuple[ProblemField, ...] = ()

    @classmethod
    def made_up(cls, status: int) -> "Problem":
        """For an error that came without one, from a proxy for instance."""
        return cls(title=f"HTTP {status}", status=status, code="unknown")

    def lines(self) -> Iterable[str]:
        """For a person: what is wrong, then each field with what is wrong with it."""
        detail = self.detail or self.title
        told = any(field.message in detail for field in self.errors)
        yield self.title if told else detail
        for field in self.errors:
            yield f"  {readable_pointer(field.pointer)}: {field.message}"


def readable_pointer(pointer: str) -> str:
    """`/input/points/0/x` as people write it: `input.points[0].x`."""
    words = [word.replace("~1", "/").replace("~0", "~") for word in pointer.split("/")[1:]]
    text = "".join(f"[{word}]" if word.isdigit() else f".{word}" for word in words)
    return text.removeprefix(".") or "request"


class ApiProblemError(PermanentError):
    """The API said no, and asking again in the same way would get the same answer."""

    code = "api_problem"
    title = "The API refused"

    def __init__(self, problem: Problem) -> None:
        errors = [FieldError(field.pointer, field.message) for field in problem.errors]
        super().__init__("\n".join(problem.lines()), errors=errors)
        self.problem = problem


class ApiNotFoundError(ApiProblemError):
    """There is no such thing at the API (404)."""

    title = "Not found"


class ApiGoneError(ApiProblemError):
    """It was deleted (410); the problem says when and why."""

    title = "Gone"


class ApiConflictError(ApiProblemError):
    """It does not fit the present state (409): `problem.code` says how, `already_final` for one."""

    title = "Conflict"


class ApiUnauthenticatedError(ApiProblemError):
    """The API wants a key (401): none was given, or it is not known, revoked or expired."""

    title = "Unauthenticated"


class ApiForbiddenError(ApiProblemError):
    """The key may not do this (403); the problem names the scope that it lacks."""

    title = "Forbidden"


class OverBudgetError(ApiProblemError):
    """It may cost more than is left of the budget (402); the problem says how much that is."""

    title = "Over budget"


class InvalidRequestError(ApiProblemError):
    """The request itself is wrong (400, 422); `errors` names each bad field."""

    title = "Invalid request"


class BusyError(RetryableError):
    """The API cannot take it now; `retry_after` says when it may, if the API said so."""

    code = "api_busy"
    title = "The API is busy"

    def __init__(self, problem: Problem, retry_after: timedelta | None = None) -> None:
        super().__init__("\n".join(problem.lines()), retry_after=retry_after)
        self.problem = problem


class TooMuchError(BusyError):
    """More than the API takes at present (429): a queue is full, or the caller too fast."""

    title = "Too much at once"


class OutOfServiceError(BusyError):
    """The API answers, but what it needs is away (502, 503, 504)."""

    title = "Out of service"


class ApiUnavailableError(RetryableError):
    """Nobody answers at the API's address."""

    code = "api_unavailable"
    title = "The API does not answer"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"the API at {address} does not answer: {reason}")
        self.address = address


class HeldBackError(RetryableError):
    """Nothing of a stream of events arrives: a proxy on the way keeps it back."""

    code = "stream_held_back"
    title = "Stream held back"

    def __init__(self, address: str) -> None:
        super().__init__(
            f"no event comes through from {address}: let the proxy before it not buffer "
            "text/event-stream, nor compress it"
        )
        self.address = address


class UnexpectedAnswerError(DarkroomError):
    """What answered is not the API that this client knows."""

    code = "unexpected_answer"
    title = "Unexpected answer"


class StillRunningError(RetryableError):
    """The job has not ended in the time that was given; it goes on."""

    code = "still_running"
    title = "Still running"

    def __init__(self, job_id: UUID, status: str, timeout: timedelta) -> None:
        seconds = f"{timeout.total_seconds():g} s"
        super().__init__(f"job {job_id} is still {status} after {seconds}; it goes on")
        self.job_id = job_id


class NotMadeError(PermanentError):
    """The job has ended without a result: it failed, was canceled or came too late."""

    code = "not_made"
    title = "Not made"

    def __init__(self, job_id: UUID, job_status: str, reason: str | None) -> None:
        super().__init__(f"job {job_id} is {job_status}" + (f": {reason}" if reason else ""))
        self.job_id = job_id
        self.job_status = job_status


class NoContentError(PermanentError):
    """The job has no such file (yet)."""

    code = "no_content"
    title = "No content"

    def __init__(self, job_id: UUID, status: str, what: str = "file") -> None:
        super().__init__(f"job {job_id} is {status} and has no {what}")


class ContentMismatchError(RetryableError):
    """The bytes that arrived are not those that were announced."""

    code = "content_mismatch"
    title = "Content mismatch"

    def __init__(self, *, expected: str, actual: str) -> None:
        super().__init__(
            f"the download is damaged: its sha256 is {actual[:12]}…, not {expected[:12]}…"
        )


def refusal(problem: Problem) -> ApiProblemError:
    """The exception that fits the problem's status."""
    kinds: dict[int, type[ApiProblemError]] = {
        400: InvalidRequestError,
        401: ApiUnauthenticatedError,
        402: OverBudgetError,
        403: ApiForbiddenError,
        404: ApiNotFoundError,
        409: ApiConflictError,
        410: ApiGoneError,
        422: InvalidRequestError,
    }
    return kinds.get(problem.status, ApiProblemError)(problem)
