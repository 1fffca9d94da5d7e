"""The event log keeps events as they came, unique within their job; only deadlines are indexed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE job_event ALTER COLUMN body TYPE text")
    op.drop_constraint("job_event_event_id_key", "job_event")
    op.create_unique_constraint(
        "job_event_job_id_event_id_key", "job_event", ["job_id", "event_id"]
    )
    op.drop_index("job_deadline", "job")
    op.create_index(
        "job_deadline",
        "job",
        ["deadline_at"],
        postgresql_where=sa.text(
            "status = 'queued' AND overdue_at IS NULL AND deadline_at IS NOT NULL"
        ),
    )
