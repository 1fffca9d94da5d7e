"""Verdicts and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.messaging.outbox_migration import create_outbox_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verdict",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("generator", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("caused_by", sa.String, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('ready', 'failed', 'canceled', 'expired')", name="verdict_outcome"
        ),
    )
    create_outbox_table()
