"""Whoever follows the event log finds what is new without looking at what is old."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_index("job_event_order", "job_event", ["transaction_id", "seq"])
