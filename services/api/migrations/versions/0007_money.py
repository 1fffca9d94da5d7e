"""Budgets, what is set aside and spent; jobs that wait until somebody has looked at a provider."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

UNFINISHED = "status IN ('queued', 'running', 'retrying', 'needs_reconciliation', 'canceling')"
MONEY = sa.Numeric(12, 6)


def upgrade() -> None:
    op.add_column("generator", sa.Column("max_cost", MONEY))
    op.add_column("job", sa.Column("reconciliation", JSONB))
    op.drop_index("job_unfinished", "job")
    op.create_index("job_unfinished", "job", ["finish_by"], postgresql_where=sa.text(UNFINISHED))
    _keep_accounts()


def _keep_accounts() -> None:
    op.create_table(
        "budget",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("period", sa.String, nullable=False),
    )
    op.create_table(
        "reservation",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("amount", MONEY, nullable=False),
    )
    op.create_index("reservation_by_tenant", "reservation", ["tenant"])
    op.create_table(
        "spending",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("generator", sa.String, nullable=False),
        sa.Column("backend", sa.String, nullable=False),
        sa.Column("cost", MONEY, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("spending_by_tenant", "spending", ["tenant", "at"], postgresql_include=["cost"])
