"""What a crash point is: a spot in a service, and what is going on there."""

from dataclasses import dataclass
from enum import StrEnum

from tests.crash_points.seams import Spot


class StoryName(StrEnum):
    """What is asked for while the service dies; `stories` tells them."""

    QUICK = "a quick job"
    LASTING = "a job that lasts, in a child process"
    RETRIED = "a job whose first attempt fails"
    RELEASED = "a job whose worker is asked to end"
    TAKEN_OVER = "a job whose worker has died"
    USED_UP = "a job whose only attempt is lost"
    ORDERED = "a job that a provider is paid for"
    IN_DOUBT = "a job that a provider may have taken"
    DECIDED = "a job that a provider may have taken, and somebody who has looked"
    CANCELED = "a job that is canceled while it runs"
    EXPIRED = "a job that nobody starts before its deadline"
    UNANSWERED = "a cancel that no worker answers"
    PAUSED = "a generator that is paused and resumed"
    COMMANDED = "a job that another service commands"
    CALLED_OFF = "a job that another service commands to be canceled"
    REFUSED = "a command that cannot be done"
    POISON = "messages that nobody can read"
    CALLED = "a job with a webhook"
    REPLAYED = "a dead letter that is replayed"


class UnknownPointError(Exception):
    """No such point is in the table."""


@dataclass(frozen=True, slots=True)
class CrashPoint:
    """`name` is `service-place-moment`; `says` is for people: what has happened, what has not."""

    name: str
    says: str
    spot: Spot
    story: StoryName

    @property
    def service(self) -> str:
        """Who dies."""
        return self.name.partition("-")[0]
