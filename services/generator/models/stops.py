"""Jobs that are to end without an attempt that ends them, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.generator.models.job import Brief
from shared.events import Attempt, Deadline


class Cause(StrEnum):
    """Why a job is stopped. It is kept with the job: the first one stays."""

    CANCELED = "canceled"
    TOTAL = "total"
    START = "start"

    @property
    def reason(self) -> str:
        """What is said of the job."""
        return "canceled" if self is Cause.CANCELED else "deadline_passed"

    @property
    def deadline(self) -> Deadline | None:
        """The deadline that has passed."""
        return None if self is Cause.CANCELED else Deadline(self.value)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants a job stopped; by a deadline to start only when no attempt has begun."""

    job_id: UUID
    tenant: str
    generator: str
    brief: Brief
    cause: Cause


@dataclass(frozen=True, slots=True)
class Erasure:
    """A job was deleted: nothing of what was in it is to be kept."""

    job_id: UUID


@dataclass(frozen=True, slots=True)
class StoppedJob:
    """A job that will not go on, and its last attempt if there was one.

    `cause`: why it was stopped; None when its workers were lost too often.
    """

    id: UUID
    generator: str
    brief: Brief
    attempt: Attempt | None
    cause: Cause | None


@dataclass(frozen=True, slots=True)
class BegunJob:
    """A job that a deadline to start came too late for: an attempt has begun."""

    id: UUID
    generator: str
    brief: Brief


@dataclass(frozen=True, slots=True)
class Stops:
    """What wishes led to; `flagged`: some run, and their workers are to stop them."""

    stopped: Sequence[StoppedJob] = ()
    begun: Sequence[BegunJob] = ()
    flagged: bool = False
