"""What can go wrong in the generator service, by name, and how often what is tried again.

Codes are part of the public contract. `POLICIES` is the whole retry policy; the page
docs/reference/retries.md is written from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.errors import PermanentError, RetryableError


class NotHostedError(PermanentError):
    """No generator of this name is hosted here."""

    code = "generator_not_hosted"
    title = "Generator not hosted"


class UnexpectedMessageError(PermanentError):
    """A message that does not belong into this queue."""

    code = "unexpected_message"
    title = "Unexpected message"


class UnloadableGeneratorError(PermanentError):
    """The generator cannot be imported, or does not say what it is."""

    code = "generator_unloadable"
    title = "Generator unloadable"


class UnavailableGeneratorError(PermanentError):
    """The generator lacks something on this machine."""

    code = "generator_unavailable"
    title = "Generator unavailable"


class ChildDiedError(RetryableError):
    """The process that made it died."""

    code = "child_died"
    title = "Child process died"


class ChildUnavailableError(RetryableError):
    """No child process could be started."""

    code = "child_unavailable"
    title = "Child process unavailable"


class BadOutputError(PermanentError):
    """What the generator handed back cannot be used."""

    code = "bad_output"
    title = "Bad output"


class OutputTooLargeError(PermanentError):
    """The generator made more than it may."""

    code = "output_too_large"
    title = "Output too large"


class InputMissingError(PermanentError):
    """A file that the input names is not in the store any more."""

    code = "input_missing"
    title = "Input missing"


class InputsTooLargeError(PermanentError):
    """The files that the input names are more than this worker takes."""

    code = "inputs_too_large"
    title = "Inputs too large"


class FailureClass(StrEnum):
    """What kind of failure an attempt ended in; this decides whether another one follows."""

    TRANSIENT = "transient"
    RATE_LIMITED = "rate_limited"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    LOST = "lost"
    UNKNOWN = "unknown"
    PERMANENT = "permanent"


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """`most`: so many attempts of a job may end like this, the last one ends the job.

    None: as many as the job has attempts. No policy ever gives a job more than those.
    """

    most: int | None
    examples: str
    pause: str


MOST_LOST: Final = 3
"""The statements that take over, and those that end what nobody may take over, need it too."""
_BACKOFF = "exponential, with full jitter"

POLICIES: Final[Mapping[FailureClass, RetryPolicy]] = {
    FailureClass.TRANSIENT: RetryPolicy(
        None, "a provider, the store or the disk says: not now", _BACKOFF
    ),
    FailureClass.RATE_LIMITED: RetryPolicy(
        None, "a provider takes no more for now", "what it asks for, at most an hour, and jitter"
    ),
    FailureClass.TIMED_OUT: RetryPolicy(
        2, "the attempt lasted longer than it may: what is too slow seldom gets faster", _BACKOFF
    ),
    FailureClass.CRASHED: RetryPolicy(
        3, "its process was killed by a signal, left, or ran out of memory", _BACKOFF
    ),
    FailureClass.LOST: RetryPolicy(
        MOST_LOST,
        "its worker was not heard of any more: maybe the job itself kills workers",
        "its lease",
    ),
    FailureClass.UNKNOWN: RetryPolicy(
        None,
        "nobody can say whether a provider has taken the order: it may have to be paid",
        "until somebody decides; such an attempt counts for nothing",
    ),
    FailureClass.PERMANENT: RetryPolicy(
        1, "the input does not fit, a provider refuses, a bug", "none"
    ),
}
