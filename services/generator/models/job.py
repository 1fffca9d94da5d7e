"""A job on its way through the service: as admitted, as claimed, as it ended.

Neighbour: `stops` has those that are to end without an attempt that ends them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.generator.errors import FailureClass
from shared.events import (
    Asset,
    Attempt,
    CloudEvent,
    Failure,
    InputAsset,
    Lane,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    Origin,
    Outcome,
    Webhook,
    decode,
)
from shared.events.media import AttemptMessage
from shared.generators import Bill, ProviderJob
from shared.messaging.outgoing import Outgoing

JobKey = tuple[UUID, int]
"""(job id, fence): the right to say how this one attempt ended."""


class Status(StrEnum):
    """Where a job is. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    NEEDS_RECONCILIATION = "needs_reconciliation"
    GENERATED = "generated"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def final(self) -> bool:
        return self in {Status.GENERATED, Status.FAILED, Status.CANCELED}


@dataclass(frozen=True, slots=True)
class Brief:
    """What every event of the job hands on of its request; and the files that its input names."""

    metadata: dict[str, Any] = field(default_factory=dict)
    webhook: Webhook | None = None
    origin: Origin = field(default_factory=Origin)
    inputs: Mapping[str, InputAsset] | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON, to be kept in a row."""
        webhook = self.webhook.model_dump(mode="json") if self.webhook else None
        kept = {"metadata": self.metadata, "webhook": webhook, "origin": self.origin.as_dict()}
        if self.inputs:
            kept["inputs"] = {name: file.model_dump() for name, file in self.inputs.items()}
        return kept

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> "Brief":
        """What `as_dict` made."""
        webhook = Webhook.model_validate(kept["webhook"]) if kept["webhook"] else None
        inputs = kept.get("inputs")
        return cls(
            kept["metadata"],
            webhook,
            Origin(**kept["origin"]),
            inputs and {name: InputAsset.model_validate(file) for name, file in inputs.items()},
        )


@dataclass(slots=True)
class NewJob:
    """A request to be admitted; not frozen, which would make it three times as dear to make."""

    id: UUID
    tenant: str
    generator: str
    lane: Lane
    input: dict[str, Any]
    brief: Brief
    max_attempts: int
    requested_at: datetime
    deadline_at: datetime | None
    finish_by: datetime | None = None
    attempt_timeout: timedelta | None = None
    overflow: bool = False
    """It came from the queue of what tenants have beyond their share."""


@dataclass(frozen=True, slots=True)
class LostAttempt:
    """An attempt whose worker was not heard of any more."""

    number: int
    worker: str
    backend: str
    started_at: datetime


@dataclass(slots=True)
class ClaimedJob:
    """A job in hand: `attempt` is the one that begins, `lost` the one that was taken over.

    What is left of its time was measured by Postgres, when it was claimed: the clocks of two
    machines are never compared. `held_until` is this process's own `time.monotonic()`.
    """

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
    time_left: timedelta | None = None
    """Until it has to be finished; None: whenever."""
    attempt_timeout: timedelta | None = None
    setbacks: Mapping[str, int] = field(default_factory=dict)
    """How many of its attempts have ended in which `FailureClass`."""
    held_until: float = math.inf
    """The lease certainly lasts until then."""
    bill: Bill = field(default_factory=Bill)
    """Where this attempt runs and what it costs; the generator fills it in."""
    ordered: ProviderJob | None = None
    """What is at a provider for it, as far as this attempt has looked."""

    @classmethod
    def first(cls, job: NewJob, now: datetime, held_until: float = math.inf) -> "ClaimedJob":
        """The first attempt, which begins with the admission, at Postgres's `now`."""
        return cls(
            id=job.id,
            tenant=job.tenant,
            generator=job.generator,
            lane=job.lane,
            input=job.input,
            brief=job.brief,
            attempt=1,
            max_attempts=job.max_attempts,
            fence=1,
            started_at=now,
            waited=max(0.0, (now - job.requested_at).total_seconds()),
            time_left=None if job.finish_by is None else job.finish_by - now,
            attempt_timeout=job.attempt_timeout,
            held_until=held_until,
        )

    @property
    def backend(self) -> str:
        """Where it runs: what its bill says, else the provider that it has an order at."""
        named = self.bill.backend
        return named if self.ordered is None or named != "local" else self.ordered.provider

    def leave_order(self) -> None:
        """Another attempt will follow, and go on with the order, if there is one: it charges it."""
        if self.ordered is not None and self.ordered.id is not None:
            self.bill.cost = None

    @property
    def key(self) -> JobKey:
        return (self.id, self.fence)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of a batch: attempts that have begun with it, and how many jobs wait."""

    begun: Sequence[ClaimedJob]
    waiting: int


@dataclass(slots=True)
class Result:
    """How an attempt ended, with what to say about it; recorded only where the fence matches.

    - `message`: the event of it, ready to be published.
    - `setback`: the class that it failed in, counted against what the retry policy allows.
    - `delay`: from the moment it is recorded to the next attempt; None: there is none.
    - `uncounted`: the attempt is not held against the job's `max_attempts`.
    - `abandoned`: what a provider still makes for it is no longer wanted.
    """

    job: ClaimedJob
    status: Status
    outcome: Outcome
    ended_at: datetime
    message: Outgoing
    assets: tuple[Asset, ...] = ()
    failure: Failure | None = None
    setback: FailureClass | None = None
    delay: timedelta | None = None
    uncounted: bool = False
    abandoned: bool = False

    @property
    def event(self) -> CloudEvent:
        """What is said, for whoever wants to look at it."""
        return decode(self.message.body)

    @property
    def attempt(self) -> Attempt:
        """The attempt as it is said there."""
        data = self.event.data
        assert isinstance(data, AttemptMessage | MediaGenerationFailed | MediaGenerationCanceled)
        assert data.attempt is not None, "it is about one that has ended"
        return data.attempt
