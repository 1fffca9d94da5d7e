"""Jobs, event log, idempotency keys, the catalogue of generators, dead letters, outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.messaging.outbox_migration import create_outbox_table

revision = "0001"
down_revision = None

EMPTY_OBJECT = sa.text("'{}'::jsonb")
EMPTY_LIST = sa.text("'[]'::jsonb")


def upgrade() -> None:
    _create_job()
    _create_job_event()
    _create_idempotency_key()
    _create_generator()
    _create_dead_letter()
    create_outbox_table()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)


def _json(name: str, default: sa.TextClause | None = None) -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False, server_default=default)


def _create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid, primary_key=True),
        _text("tenant"),
        _text("generator"),
        _text("lane"),
        _text("status"),
        sa.Column("version", sa.BigInteger, nullable=False),
        _json("input"),
        _json("metadata", EMPTY_OBJECT),
        sa.Column("webhook", JSONB),
        _text("correlation_id"),
        *(_moment(name) for name in ("created_at", "updated_at")),
        *(_moment(name, nullable=True) for name in ("started_at", "finished_at")),
        *(_moment(name, nullable=True) for name in ("deadline_at", "overdue_at")),
        _json("attempts", EMPTY_LIST),
        _json("assets", EMPTY_LIST),
        sa.Column("failure", JSONB),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("expires_in", sa.Integer),
        sa.Column("retried_from", sa.Uuid),
    )
    _index_job()


def _index_job() -> None:
    op.create_index("job_by_tenant", "job", ["tenant", sa.text("id DESC")])
    op.create_index(
        "job_queued",
        "job",
        ["generator", "lane", "id"],
        postgresql_where=sa.text("status = 'queued'"),
    )
    op.create_index(
        "job_deadline",
        "job",
        ["deadline_at"],
        postgresql_where=sa.text("status = 'queued' AND overdue_at IS NULL"),
    )


def _create_job_event() -> None:
    op.create_table(
        "job_event",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "transaction_id",
            sa.BigInteger,
            nullable=False,
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
        ),
        sa.Column("event_id", sa.String, nullable=False, unique=True),
        sa.Column("job_id", sa.Uuid, nullable=False),
        _text("tenant"),
        _text("type"),
        sa.Column("version", sa.BigInteger, nullable=False),
        _moment("time"),
        _json("body"),
    )


def _create_idempotency_key() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        _text("fingerprint"),
        sa.Column("job_id", sa.Uuid, nullable=False),
        _moment("expires_at"),
    )
    op.create_index("idempotency_key_expiry", "idempotency_key", ["expires_at"])


def _create_generator() -> None:
    op.create_table(
        "generator",
        sa.Column("name", sa.String, primary_key=True),
        _text("version"),
        _text("description"),
        sa.Column("input_schema", sa.JSON, nullable=False),
        sa.Column("media_types", sa.JSON, nullable=False),
        sa.Column("example", sa.JSON, nullable=False),
        _moment("announced_at"),
    )


def _create_dead_letter() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        _moment("received_at"),
        *(
            _text(name)
            for name in (
                "queue",
                "error_class",
                "error_code",
                "error_message",
                "stack",
                "message_id",
                "type",
                "exchange",
                "routing_key",
                "content_type",
            )
        ),
        _json("headers"),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
