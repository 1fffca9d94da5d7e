"""The api's tables, as its migrations make them; `migrate --check` compares the two.

They describe; the statements in repository/ do the work. Foreign keys are left out on purpose: what
belongs together is written by one statement, and the checks would cost a third of the write path.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    DateTime,
    Identity,
    Index,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.messaging.outbox import OutboxColumns


class ApiTable(SQLModel, registry=registry()):
    """The api's own registry: tables of other services may have the same names."""


MONEY: Any = Numeric(12, 6)
NOW = {"server_default": text("now()")}
EMPTY_OBJECT = {"server_default": text("'{}'::jsonb")}
EMPTY_LIST = {"server_default": text("'[]'::jsonb")}


_EXPIRY = (
    "(finished_at AT TIME ZONE 'UTC'::text) + expires_in::double precision * '00:00:01'::interval"
)
"""As Postgres spells it: the two are compared."""


class JobRow(ApiTable, table=True):
    """The read model of one media request."""

    __tablename__ = "job"
    __table_args__ = (
        Index("job_by_tenant", "tenant", text("id DESC")),
        Index(
            "job_queued",
            "generator",
            "lane",
            "tenant",
            "id",
            postgresql_include=["overflow"],
            postgresql_where=text("status = 'queued'"),
        ),
        Index(
            "job_deadline",
            "deadline_at",
            postgresql_where=text(
                "status = 'queued' AND overdue_at IS NULL AND deadline_at IS NOT NULL"
            ),
        ),
        Index(
            "job_unfinished",
            "finish_by",
            postgresql_where=text(
                "status IN ('queued', 'running', 'retrying', 'needs_reconciliation', 'canceling')"
            ),
        ),
        Index(
            "job_retries",
            "retried_from",
            "id",
            postgresql_where=text("retried_from IS NOT NULL"),
        ),
        Index(
            "job_expiry",
            text(_EXPIRY),
            postgresql_where=text("expires_in IS NOT NULL AND finished_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    tenant: str
    generator: str
    lane: str
    overflow: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    status: str
    version: int = Field(default=0, sa_type=BigInteger)
    input: dict[str, Any] = Field(sa_type=JSONB)
    metadata_: dict[str, Any] = Field(
        sa_type=JSONB, sa_column_kwargs={"name": "metadata", **EMPTY_OBJECT}
    )
    webhook: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    correlation_id: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(sa_type=DateTime(timezone=True))
    started_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    attempts: list[dict[str, Any]] = Field(sa_type=JSONB, sa_column_kwargs=EMPTY_LIST)
    assets: list[dict[str, Any]] = Field(sa_type=JSONB, sa_column_kwargs=EMPTY_LIST)
    failure: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    reconciliation: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    max_attempts: int
    attempt_timeout_seconds: int | None = None
    total_timeout_seconds: int | None = None
    deadline_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    overdue_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    finish_by: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    overtime_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    expires_in: int | None = None
    retried_from: UUID | None = None


class TombstoneRow(ApiTable, table=True):
    """A job that was deleted."""

    __tablename__ = "tombstone"
    __table_args__ = (
        Index("tombstone_by_tenant", "tenant", text("id DESC")),
        Index("tombstone_age", "deleted_at"),
    )

    id: UUID = Field(primary_key=True)
    tenant: str
    generator: str
    status: str
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    deleted_at: datetime = Field(sa_type=DateTime(timezone=True))
    reason: str
    correlation_id: str
    deleted_by: str | None = None


class CollectionRow(ApiTable, table=True):
    """The one row about collecting garbage: when it was last begun, and whose store it is."""

    __tablename__ = "collection"

    id: int = Field(primary_key=True, default=1, sa_column_kwargs={"autoincrement": False})
    owner: UUID
    begun_at: datetime = Field(sa_type=DateTime(timezone=True))


class JobEventRow(ApiTable, table=True):
    """The ordered log of every job's events, as they were published: `body` is their JSON.

    Readers that follow it go by (transaction_id, seq) and stop before the oldest transaction that
    still runs, so that a commit that comes late is never skipped.
    """

    __tablename__ = "job_event"
    __table_args__ = (
        UniqueConstraint("job_id", "event_id"),
        Index("job_event_order", "transaction_id", "seq"),
    )

    seq: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)]
    )
    transaction_id: int = Field(
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": text("(pg_current_xact_id()::text)::bigint")},
    )
    event_id: str
    job_id: UUID
    tenant: str
    type: str
    version: int = Field(sa_type=BigInteger)
    time: datetime = Field(sa_type=DateTime(timezone=True))
    body: str = Field(sa_type=Text)


class EventFloorRow(ApiTable, table=True):
    """The last place of a tenant where the event log has forgotten an event."""

    __tablename__ = "event_floor"

    tenant: str = Field(primary_key=True)
    transaction_id: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)


class ApiKeyRow(ApiTable, table=True):
    """A key of the api. The hash is of all that the caller says; a broker user has none."""

    __tablename__ = "api_key"
    __table_args__ = (
        Index("api_key_by_tenant", "tenant", text("id DESC")),
        Index(
            "api_key_broker_user",
            "broker_user",
            unique=True,
            postgresql_where=text("revoked_at IS NULL AND broker_user IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    tenant: str
    name: str
    scopes: list[str] = Field(sa_type=ARRAY(String))
    hash: bytes | None = None
    broker_user: str | None = None
    created_at: datetime = Field(sa_type=DateTime(timezone=True))
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    last_used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class IdempotencyKeyRow(ApiTable, table=True):
    """Which request a key was first used for."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("idempotency_key_expiry", "expires_at"),)

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    job_id: UUID
    expires_at: datetime = Field(sa_type=DateTime(timezone=True))


class GeneratorRow(ApiTable, table=True):
    """A generator as it was last announced. Plain JSON keeps the order of a schema's fields."""

    __tablename__ = "generator"

    name: str = Field(primary_key=True)
    version: str
    description: str
    input_schema: dict[str, Any] = Field(sa_type=JSON)
    media_types: list[str] = Field(sa_type=JSON)
    example: dict[str, Any] = Field(sa_type=JSON)
    paused: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    announced_at: datetime = Field(sa_type=DateTime(timezone=True))
    max_cost: Decimal | None = Field(default=None, sa_type=MONEY)


class BudgetRow(ApiTable, table=True):
    """What a tenant may spend in each period, in USD; who has none may spend anything."""

    __tablename__ = "budget"

    tenant: str = Field(primary_key=True)
    amount: Decimal = Field(sa_type=MONEY)
    period: str


class ReservationRow(ApiTable, table=True):
    """What is set aside for a job. It counts until the job has ended, and is taken away later."""

    __tablename__ = "reservation"
    __table_args__ = (Index("reservation_by_tenant", "tenant"),)

    job_id: UUID = Field(primary_key=True)
    tenant: str
    amount: Decimal = Field(sa_type=MONEY)


class SpendingRow(ApiTable, table=True):
    """What one attempt has cost."""

    __tablename__ = "spending"
    __table_args__ = (Index("spending_by_tenant", "tenant", "at", postgresql_include=["cost"]),)

    job_id: UUID = Field(primary_key=True)
    attempt: int = Field(primary_key=True)
    tenant: str
    generator: str
    backend: str
    cost: Decimal = Field(sa_type=MONEY)
    at: datetime = Field(sa_type=DateTime(timezone=True))


class GeneratorControlRow(ApiTable, table=True):
    """The last wish to pause or resume a generator ('' for all of them), and its moment.

    No two wishes have the same moment, whichever processes they came through.
    """

    __tablename__ = "generator_control"

    generator: str = Field(primary_key=True)
    action: str
    requested_at: datetime = Field(sa_type=DateTime(timezone=True))


class DeadLetterRow(ApiTable, table=True):
    """A message that could not be handled, and why."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        Index("dead_letter_waiting", "seq", postgresql_where=text("replayed_at IS NULL")),
        Index(
            "dead_letter_replayed",
            "replayed_at",
            postgresql_where=text("replayed_at IS NOT NULL"),
        ),
    )

    seq: int | None = Field(
        default=None, primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=True)]
    )
    id: UUID = Field(unique=True)
    received_at: datetime = Field(sa_type=DateTime(timezone=True))
    queue: str
    error_class: str
    error_code: str
    error_message: str
    stack: str
    message_id: str
    type: str
    exchange: str
    routing_key: str
    content_type: str
    correlation_id: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    reply_to: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    sender: str = Field(default="", sa_column_kwargs={"server_default": text("''")})
    headers: dict[str, Any] = Field(sa_type=JSONB)
    body: bytes
    replayed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    replays: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class UploadRow(ApiTable, table=True):
    """A file that somebody brought along; its bytes are in the asset store."""

    __tablename__ = "upload"
    __table_args__ = (
        Index("upload_by_tenant", "tenant", text("id DESC")),
        Index("upload_use", "tenant", postgresql_include=["size"]),
    )

    id: UUID = Field(primary_key=True)
    tenant: str
    sha256: str
    media_type: str
    size: int = Field(sa_type=BigInteger)
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    filename: str | None = None
    declared_type: str | None = None
    created_at: datetime = Field(sa_type=DateTime(timezone=True))


class OutboxBundleRow(OutboxColumns, ApiTable, table=True):
    """What the api has said and the relay has not yet published."""

    __tablename__ = "outbox_bundle"
