"""A job on its way through the service: as admitted, as claimed, as it ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.events import Asset, Attempt, CloudEvent, Lane, Origin, Webhook

JobKey = tuple[UUID, int]
"""(job id, fence): the right to say how this one attempt ended."""


class Status(StrEnum):
    """Where a job is. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    GENERATED = "generated"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        return self in {Status.GENERATED, Status.FAILED, Status.CANCELED}


@dataclass(frozen=True, slots=True)
class Brief:
    """What every event of the job hands on of its request."""

    metadata: dict[str, Any] = field(default_factory=dict)
    webhook: Webhook | None = None
    origin: Origin = field(default_factory=Origin)

    def as_dict(self) -> dict[str, Any]:
        """JSON, to be kept in a row."""
        webhook = self.webhook.model_dump(mode="json") if self.webhook else None
        return {"metadata": self.metadata, "webhook": webhook, "origin": self.origin.as_dict()}

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Brief":
        """What `as_dict` made."""
        webhook = Webhook.model_validate(kept["webhook"]) if kept["webhook"] else None
        return cls(kept["metadata"], webhook, Origin(**kept["origin"]))


@dataclass(frozen=True, slots=True)
class NewJob:
    """A request to be admitted."""

    id: UUID
    tenant: str
    generator: str
    lane: Lane
    input: dict[str, Any]
    brief: Brief
    max_attempts: int
    requested_at: datetime
    deadline_at: datetime | None


@dataclass(frozen=True, slots=True)
class LostAttempt:
    """An attempt whose worker was not heard of any more."""

    number: int
    worker: str
    backend: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job in hand: `attempt` is the one that begins, `lost` the one that was taken over."""

    id: UUID
    tenant: str
    generator: str
    lane: Lane
    input: dict[str, Any]
    brief: Brief
    attempt: int
    max_attempts: int
    fence: int
    started_at: datetime
    waited: float
    """Seconds since it could have begun."""
    lost: LostAttempt | None = None

    @property
    def key(self) -> JobKey:
        return (self.id, self.fence)


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt ended, with what to say about it; recorded only where the fence matches.

    `uncounted`: the attempt is not held against the job's `max_attempts`.
    """

    job: ClaimedJob
    status: Status
    attempt: Attempt
    event: CloudEvent
    assets: tuple[Asset, ...] = ()
    available_at: datetime | None = None
    uncounted: bool = False

    @property
    def delay(self) -> timedelta | None:
        """From the end of this attempt to the beginning of the next; None: there is none."""
        if self.available_at is None or self.attempt.ended_at is None:
            return None
        return self.available_at - self.attempt.ended_at


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants a job stopped; `unstarted_only`: unless an attempt has begun."""

    job_id: UUID
    tenant: str
    generator: str
    brief: Brief
    unstarted_only: bool

    @property
    def reason(self) -> str:
        """What is said of the job when it is stopped."""
        return "deadline_passed" if self.unstarted_only else "canceled"


@dataclass(frozen=True, slots=True)
class StoppedJob:
    """A job that will not go on, and its last attempt if there was one.

    `reason`: why it was stopped; None when its attempts are used up.
    """

    id: UUID
    generator: str
    brief: Brief
    attempt: Attempt | None
    reason: str | None
