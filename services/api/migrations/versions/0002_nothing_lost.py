"""Limits of one request, total deadlines, replayed dead letters, pauses of generators."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

UNFINISHED = "status IN ('queued', 'running', 'retrying', 'canceling')"


def upgrade() -> None:
    _limit_jobs()
    _replay_dead_letters()
    op.add_column(
        "generator",
        sa.Column("paused", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.create_table(
        "generator_control",
        sa.Column("generator", sa.String, primary_key=True),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
    )


def _limit_jobs() -> None:
    op.add_column("job", sa.Column("attempt_timeout_seconds", sa.Integer))
    op.add_column("job", sa.Column("total_timeout_seconds", sa.Integer))
    op.add_column("job", sa.Column("finish_by", sa.DateTime(timezone=True)))
    op.add_column("job", sa.Column("overtime_at", sa.DateTime(timezone=True)))
    op.execute(f"UPDATE job SET finish_by = now() + interval '7 days' WHERE {UNFINISHED}")
    op.create_index("job_unfinished", "job", ["finish_by"], postgresql_where=sa.text(UNFINISHED))
    op.create_index(
        "job_retries",
        "job",
        ["retried_from", "id"],
        postgresql_where=sa.text("retried_from IS NOT NULL"),
    )


def _replay_dead_letters() -> None:
    op.add_column(
        "dead_letter",
        sa.Column("correlation_id", sa.String, nullable=False, server_default=sa.text("''")),
    )
    op.add_column("dead_letter", sa.Column("replayed_at", sa.DateTime(timezone=True)))
    op.add_column(
        "dead_letter",
        sa.Column("replays", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    op.create_index(
        "dead_letter_waiting",
        "dead_letter",
        ["seq"],
        postgresql_where=sa.text("replayed_at IS NULL"),
    )
    op.create_index(
        "dead_letter_replayed",
        "dead_letter",
        ["replayed_at"],
        postgresql_where=sa.text("replayed_at IS NOT NULL"),
    )
