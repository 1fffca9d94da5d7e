"""Ends that are pending: wishes that a generator has not answered yet."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_end",
        sa.Column("job_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("generator", sa.String, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wish", sa.LargeBinary),
        sa.CheckConstraint("kind IN ('cancel', 'start', 'total')", name="pending_end_kind"),
    )
    op.create_index("pending_end_due", "pending_end", ["due_at"])
