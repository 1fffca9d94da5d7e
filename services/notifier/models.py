"""The notifier's tables: one verdict a job, and the outbox."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last word about a job: `event` says it to everyone; `caused_by` is why it is so."""

    job_id: UUID
    generator: str
    outcome: FinalOutcome
    caused_by: str
    event: CloudEvent


class NotifierTable(SQLModel, registry=registry()):
    """Base of the notifier's tables: a registry of its own keeps services' tables apart."""


class VerdictRow(NotifierTable, table=True):
    """A verdict that was given. Never changed: whoever comes second for a job comes too late.

    `body` is the final event as it was published, the request's webhook in its data.
    """

    __tablename__ = "verdict"

    job_id: UUID = Field(primary_key=True)
    tenant: str
    generator: str
    outcome: str
    event_id: UUID
    caused_by: str
    decided_at: datetime = Field(sa_type=DateTime(timezone=True))
    body: dict[str, Any] = Field(sa_type=JSONB)


class OutboxRow(OutboxColumns, NotifierTable, table=True):
    """What is still to be published."""

    __tablename__ = "outbox"
