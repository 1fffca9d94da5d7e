"""The notifier's tables: one verdict a job, the ends that are pending, webhooks, and the outbox."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.events import CloudEvent
from shared.messaging.outbox import OutboxColumns


class FinalOutcome(StrEnum):
    """How a job ended, for ever."""

    READY = "ready"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"


class EndKind(StrEnum):
    """Why a job may have to end although no worker says so."""

    CANCEL = "cancel"
    START = "start"
    TOTAL = "total"


class Verdict(NamedTuple):
    """The last word about a job: `event` says it to everyone; `caused_by` is why it is so."""

    job_id: UUID
    generator: str
    outcome: FinalOutcome
    caused_by: str
    event: CloudEvent


@dataclass(frozen=True, slots=True)
class PendingEnd:
    """A wish that a job end, to be answered by a generator; without `wish` it is void for ever."""

    job_id: UUID
    kind: EndKind
    generator: str
    wish: CloudEvent | None


@dataclass(frozen=True, slots=True)
class PendingCount:
    """The wishes of one kind that nobody has answered yet; `late` are the seconds of the latest."""

    kind: EndKind
    waiting: int
    overdue: int
    late: float


class DeliveryStatus(StrEnum):
    """What has become of an event for one address."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up: every try has failed
    SKIPPED = "skipped"  # not sent: its endpoint is disabled


class DisabledReason(StrEnum):
    """Why an endpoint is not sent anything."""

    REQUESTED = "requested"
    GONE = "gone"  # it has answered 410
    FAILING = "failing"  # nothing has reached it for long


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that wants to hear; no event types, or generators: all of them."""

    id: UUID
    tenant: str
    url: str
    description: str
    event_types: tuple[str, ...]
    generators: tuple[str, ...]
    ordered: bool
    enabled: bool
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """What calls are signed with, and until when with the one before it too."""

    secret: str
    previous_until: datetime | None


class MadeBy(NamedTuple):
    """The idempotency key that an endpoint is made with; a `fingerprint` tells what was wanted."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Due:
    """A verdict that somebody wants to hear of at `url`; what goes to one `lane` shares its fate.

    Without an endpoint the address came with the job's request.
    """

    id: UUID
    lane: UUID
    endpoint_id: UUID | None
    url: str
    event_type: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is this process's to make, until its lease is over."""

    id: UUID
    lease: UUID
    lane: UUID
    tenant: str
    endpoint_id: UUID | None
    url: str
    event_id: str
    body: str
    secrets: tuple[str, ...]
    tries: int


@dataclass(frozen=True, slots=True)
class Call:
    """What became of one call; `error_code` is None where it was delivered. `answer` is text."""

    started_at: datetime
    seconds: float
    status: int | None = None
    error_code: str | None = None
    error: str | None = None
    answer: str = ""
    retry_after: timedelta | None = None

    @property
    def delivered(self) -> bool:
        return self.error_code is None


class Outcome(NamedTuple):
    """What is to be kept of a call, and after which `pause` there is another."""

    claim: Claim
    call: Call
    status: DeliveryStatus
    pause: timedelta


class LaneNews(NamedTuple):
    """Whether something has got there, and how many calls have failed since."""

    lane: UUID
    reached: bool
    failures: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How the queue of webhooks stands; `oldest` are the seconds that the latest is late."""

    pending: int
    due: int
    oldest: float
    disabled: int


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries are meant."""

    endpoint_id: UUID | None = None
    status: str | None = None
    job_id: UUID | None = None
    since: datetime | None = None


def _moment(**more: Any) -> Any:
    return Field(sa_type=DateTime(timezone=True), **more)


class NotifierTable(SQLModel, registry=registry()):
    """Base of the notifier's tables: a registry of its own keeps services' tables apart."""


class VerdictRow(NotifierTable, table=True):
    """A verdict that was given. It never changes: whoever comes second for a job comes too late.

    `body` is the final event as it was published, letter for letter, the request's webhook in its
    data; it is empty once the job has been deleted.
    """

    __tablename__ = "verdict"

    job_id: UUID = Field(primary_key=True)
    tenant: str
    generator: str
    outcome: str
    event_id: UUID
    caused_by: str
    decided_at: datetime = Field(sa_type=DateTime(timezone=True))
    body: str = Field(sa_type=Text)


class PendingEndRow(NotifierTable, table=True):
    """A wish that waits for a generator's answer until `due_at`, as the event that it came in.

    Without `wish` it is the tombstone of a deadline that was met, looked at again at `due_at`.
    """

    __tablename__ = "pending_end"
    __table_args__ = (Index("pending_end_due", "due_at"),)

    job_id: UUID = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    generator: str
    due_at: datetime = Field(sa_type=DateTime(timezone=True))
    wish: bytes | None = None


class OutboxBundleRow(OutboxColumns, NotifierTable, table=True):
    """What is still to be published."""

    __tablename__ = "outbox_bundle"


class WebhookEndpointRow(NotifierTable, table=True):
    """An endpoint, with its secrets as they are: calls have to be signed with them."""

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        Index("webhook_endpoint_tenant", "tenant", "id"),
        Index(
            "webhook_endpoint_key",
            "tenant",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    tenant: str
    url: str
    description: str
    event_types: list[str] = Field(sa_type=ARRAY(String))
    generators: list[str] = Field(sa_type=ARRAY(String))
    ordered: bool
    enabled: bool
    disabled_reason: str | None = None
    failing_since: datetime | None = _moment(default=None)
    created_at: datetime = _moment()
    secret: str
    previous_secret: str | None = None
    previous_until: datetime | None = _moment(default=None)
    idempotency_key: str | None = None
    fingerprint: str | None = None


class WebhookSecretRow(NotifierTable, table=True):
    """What signs the calls to addresses that came with requests: one a tenant."""

    __tablename__ = "webhook_secret"

    tenant: str = Field(primary_key=True)
    secret: str
    previous_secret: str | None = None
    previous_until: datetime | None = _moment(default=None)


class WebhookDeliveryRow(NotifierTable, table=True):
    """An event for one address. While somebody sends it, `due_at` is the end of his lease.

    `tries` are those of this round of the schedule, `attempts` all there ever were. The body is
    that of the verdict.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(
            "webhook_delivery_due", "lane", "due_at", postgresql_where=text("status = 'pending'")
        ),
        Index("webhook_delivery_head", "lane", "id", postgresql_where=text("status = 'pending'")),
        Index("webhook_delivery_tenant", "tenant", "id"),
        Index("webhook_delivery_job", "job_id"),
        Index(
            "webhook_delivery_ended", "finished_at", postgresql_where=text("status <> 'pending'")
        ),
    )

    id: UUID = Field(primary_key=True)
    lane: UUID
    tenant: str
    endpoint_id: UUID | None = None
    url: str
    event_id: str
    event_type: str
    job_id: UUID
    generator: str
    status: str
    due_at: datetime = _moment()
    lease: UUID | None = None
    tries: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    attempts: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    last_status: int | None = None
    last_error: str | None = None
    created_at: datetime = _moment()
    finished_at: datetime | None = _moment(default=None)


class WebhookAttemptRow(NotifierTable, table=True):
    """One call of a delivery."""

    __tablename__ = "webhook_attempt"

    id: int = Field(sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    delivery_id: UUID = Field(
        sa_column=Column(
            ForeignKey("webhook_delivery.id", ondelete="CASCADE"), nullable=False, index=True
        )
    )
    number: int
    started_at: datetime = _moment()
    duration_ms: int
    status: int | None = None
    error_code: str | None = None
    error: str | None = None
    answer: str = Field(sa_type=Text)


class WebhookLaneRow(NotifierTable, table=True):
    """A lane whose last calls have failed; nothing of it is sent before `held_until`."""

    __tablename__ = "webhook_lane"

    lane: UUID = Field(primary_key=True)
    failures: int
    held_until: datetime | None = _moment(default=None)
