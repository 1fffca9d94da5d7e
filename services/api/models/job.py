"""A media request as the api sees it, and the statuses it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.events import CloudEvent
from shared.messaging.outgoing import Outgoing

Json = dict[str, Any]


class Status(StrEnum):
    """Where a job is. The last four never change."""

    QUEUED = "queued"
    RUNNING = "running"
    RETRYING = "retrying"
    NEEDS_RECONCILIATION = "needs_reconciliation"
    CANCELING = "canceling"
    READY = "ready"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset({Status.READY, Status.FAILED, Status.CANCELED, Status.EXPIRED})


@dataclass(frozen=True, slots=True)
class Job:
    """One media request. `attempts`, `assets` and `failure` are JSON, as events brought them.

    `total_timeout_seconds` is what was asked for, if anything; `finish_by` holds in any case.
    """

    id: UUID
    tenant: str
    generator: str
    lane: str
    input: Json
    created_at: datetime
    updated_at: datetime
    correlation_id: str
    max_attempts: int
    status: Status = Status.QUEUED
    version: int = 0
    metadata: Json = field(default_factory=dict)
    webhook: Json | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    attempts: tuple[Json, ...] = ()
    assets: tuple[Json, ...] = ()
    failure: Json | None = None
    reconciliation: Json | None = None
    """What was known when it was parked, and what somebody has decided since."""
    deadline_at: datetime | None = None
    attempt_timeout_seconds: int | None = None
    total_timeout_seconds: int | None = None
    finish_by: datetime | None = None
    expires_in: int | None = None
    retried_from: UUID | None = None

    def as_accepted(self) -> "Job":
        """The job as it was when it was accepted: what an idempotent replay answers."""
        return replace(
            self,
            status=Status.QUEUED,
            version=0,
            updated_at=self.created_at,
            started_at=None,
            finished_at=None,
            attempts=(),
            assets=(),
            failure=None,
            reconciliation=None,
        )


@dataclass(frozen=True, slots=True)
class KeyUse:
    """An idempotency key and what it was used for: a hash of the request."""

    key: str
    fingerprint: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A validated request on its way into the database, with what is to be said of it."""

    job: Job
    requested: CloudEvent
    key: KeyUse | None = None
    reserve: Decimal | None = None
    """What it may cost, in USD, where a provider is to be paid."""

    overflow: bool = False
    """Its tenant has its share of the queue: it goes into the overflow."""
    answer: Outgoing | None = None
    """What is sent to whoever asked for it, if it is accepted."""

    @property
    def key_id(self) -> tuple[str, str] | None:
        """Tenant and key; None without a key."""
        return (self.job.tenant, self.key.key) if self.key else None


@dataclass(frozen=True, slots=True)
class EarlierUse:
    """What an idempotency key was first used for; the job is None when it was deleted since."""

    fingerprint: str
    job: Job | None


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs of a tenant to list, newest first or `oldest_first`.

    `before` or (then) `after` is the last id of the page before. Each of `status` and `generator`
    is one of several; of `metadata` all have to be the same, as text.
    """

    tenant: str
    limit: int
    before: UUID | None = None
    after: UUID | None = None
    oldest_first: bool = False
    status: tuple[Status, ...] | None = None
    generator: tuple[str, ...] | None = None
    metadata: Mapping[str, str] | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    retried_from: UUID | None = None
