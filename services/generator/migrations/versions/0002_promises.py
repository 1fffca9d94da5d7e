"""Deadlines, retries by class, paused generators, work at providers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

NOW = sa.text("now()")
ZERO = sa.text("0")
EMPTY = sa.text("'{}'")


def upgrade() -> None:
    _extend_job()
    _create_control()
    _create_provider_job()


def _maybe_moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _moment(name: str, *, default: sa.TextClause | None = None) -> sa.Column[object]:
    """A moment that is always known."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=default)


def _extend_job() -> None:
    """Constants as defaults: Postgres rewrites no row for them."""
    op.add_column("job", _maybe_moment("finish_by"))
    op.add_column("job", sa.Column("attempt_timeout_seconds", sa.Float))
    op.add_column("job", sa.Column("setbacks", JSONB, nullable=False, server_default=EMPTY))
    op.add_column("job", sa.Column("stop_cause", sa.String))


def _create_control() -> None:
    op.create_table(
        "control",
        sa.Column("generator", sa.String, primary_key=True),
        sa.Column("paused", sa.Boolean, nullable=False),
        _moment("said_at"),
        sa.Column("message_id", sa.String, nullable=False),
    )


def _create_provider_job() -> None:
    op.create_table(
        "provider_job",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("provider", sa.String, nullable=False),
        sa.Column("provider_id", sa.String),
        _moment("asked_at", default=NOW),
        _maybe_moment("cancel_at"),
        sa.Column("cancel_tries", sa.Integer, nullable=False, server_default=ZERO),
        _maybe_moment("canceled_at"),
        sa.Column("cancel_error", sa.String),
    )
    op.create_index(
        "provider_job_unwanted",
        "provider_job",
        ["cancel_at"],
        postgresql_where=sa.text("cancel_at IS NOT NULL"),
    )
