"""Jobs, their attempts and assets, the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.messaging.outbox_migration import create_outbox_table

revision = "0001"
down_revision = None

NOW = sa.text("now()")
ZERO = sa.text("0")


def upgrade() -> None:
    _create_job()
    _create_attempt()
    _create_asset()
    create_outbox_table()


def _moment(name: str, *, default: sa.TextClause | None = None) -> sa.Column[object]:
    """A moment that is always known."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=default)


def _maybe_moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False)


def _create_job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Uuid, primary_key=True),
        _text("tenant"),
        _text("generator"),
        _text("lane"),
        _text("status"),
        sa.Column("input", JSONB, nullable=False),
        sa.Column("request", JSONB, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False, server_default=ZERO),
        sa.Column("max_attempts", sa.Integer, nullable=False),
        sa.Column("fence", sa.BigInteger, nullable=False, server_default=ZERO),
        sa.Column("worker", sa.String),
        _maybe_moment("lease_until"),
        _moment("available_at", default=NOW),
        _maybe_moment("deadline_at"),
        _maybe_moment("cancel_requested_at"),
        _moment("requested_at"),
        _moment("created_at", default=NOW),
        _maybe_moment("finished_at"),
    )
    op.create_index(
        "job_open",
        "job",
        ["generator", "lane"],
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.execute("ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)")


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("fence", sa.BigInteger, nullable=False),
        _text("worker"),
        _text("backend"),
        _moment("started_at"),
        _maybe_moment("ended_at"),
        _text("outcome"),
        sa.Column("failure", JSONB),
        sa.Column("cost", sa.Float),
    )
    op.execute("ALTER TABLE attempt SET (fillfactor = 80)")


def _create_asset() -> None:
    op.create_table(
        "asset",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        _text("sha256"),
        _text("media_type"),
        sa.Column("size", sa.BigInteger, nullable=False),
        _text("role"),
        sa.Column("filename", sa.String),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("duration", sa.Float),
        sa.Column("provenance", JSONB, nullable=False),
    )
