"""The notifier's tables: one verdict a job, the ends that are pending, and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import DateTime, Index, Text
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


class NotifierTable(SQLModel, registry=registry()):
    """Base of the notifier's tables: a registry of its own keeps services' tables apart."""


class VerdictRow(NotifierTable, table=True):
    """A verdict that was given. Never changed: whoever comes second for a job comes too late.

    `body` is the final event as it was published, letter for letter, the request's webhook in its
    data.
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
