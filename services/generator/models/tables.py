"""The generator's tables, as its migrations make them; `migrate --check` compares the two.

They describe; the statements in repository/ do the work. Foreign keys are left out on purpose: what
belongs together is written by one statement.

`job_open` is the only index that working on a job could touch, and `finished_at` the only thing in
its predicate that changes: claiming, renewing and retrying stay in the page (heap-only updates).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.messaging.outbox import OutboxColumns

NOW = {"server_default": text("now()")}
ZERO = {"server_default": text("0")}
EMPTY = {"server_default": text("'{}'")}


class GeneratorTable(SQLModel, registry=registry()):
    """The generator's own registry: tables of other services may have the same names."""


class JobRow(GeneratorTable, table=True):
    """One media request that was admitted, or (canceled, never requested) its tombstone."""

    __tablename__ = "job"
    __table_args__ = (
        Index("job_open", "generator", "lane", postgresql_where=text("finished_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    tenant: str
    generator: str
    lane: str
    overflow: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    status: str
    input: dict[str, Any] = Field(sa_type=JSONB)
    request: dict[str, Any] = Field(sa_type=JSONB)
    attempt: int = Field(default=0, sa_column_kwargs=ZERO)
    max_attempts: int
    fence: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=ZERO)
    worker: str | None = None  # who has it, or had it last
    lease_until: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    started_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    available_at: datetime = Field(sa_type=DateTime(timezone=True), sa_column_kwargs=NOW)
    deadline_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    finish_by: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    attempt_timeout_seconds: float | None = None
    setbacks: dict[str, int] = Field(sa_type=JSONB, sa_column_kwargs=EMPTY)
    backend: str | None = None  # of the attempt that ended last; empty: it ran here
    cost: float | None = None  # and what it has cost
    cancel_requested_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    stop_cause: str | None = None
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))
    created_at: datetime = Field(sa_type=DateTime(timezone=True), sa_column_kwargs=NOW)
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class EndedAttemptRow(GeneratorTable, table=True):
    """One try of a worker that came to nothing, written once it is over.

    The one that runs, and the one that succeeded, are what their job's row says. The view `attempt`
    shows all of them.
    """

    __tablename__ = "ended_attempt"

    job_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    fence: int = Field(sa_type=BigInteger)
    worker: str
    backend: str
    started_at: datetime = Field(sa_type=DateTime(timezone=True))
    ended_at: datetime = Field(sa_type=DateTime(timezone=True))
    outcome: str
    failure: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    cost: float | None = None


class AssetRow(GeneratorTable, table=True):
    """One file that came out, kept in the store under its hash."""

    __tablename__ = "asset"

    job_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    sha256: str
    media_type: str
    size: int = Field(sa_type=BigInteger)
    role: str
    filename: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    placeholder: str | None = None
    provenance: dict[str, Any] = Field(sa_type=JSONB)


class ControlRow(GeneratorTable, table=True):
    """The newest word of operators about one generator, or (`*`) about all of them."""

    __tablename__ = "control"

    generator: str = Field(primary_key=True)
    paused: bool
    said_at: datetime = Field(sa_type=DateTime(timezone=True))
    message_id: str


class ProviderJobRow(GeneratorTable, table=True):
    """What a provider was last asked for on behalf of a job; without an id: nobody knows.

    `cancel_at`: when to tell the provider that it is not wanted; empty: not to be told.
    """

    __tablename__ = "provider_job"
    __table_args__ = (
        Index("provider_job_unwanted", "cancel_at", postgresql_where=text("cancel_at IS NOT NULL")),
    )

    job_id: UUID = Field(primary_key=True)
    attempt: int
    provider: str
    provider_id: str | None = None
    asked_at: datetime = Field(sa_type=DateTime(timezone=True), sa_column_kwargs=NOW)
    cancel_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    cancel_tries: int = Field(default=0, sa_column_kwargs=ZERO)
    canceled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    cancel_error: str | None = None


class OutboxBundleRow(OutboxColumns, GeneratorTable, table=True):
    """What the generator has said and the relay has not yet published."""

    __tablename__ = "outbox_bundle"
