"""Statistics of what is searched by, and no longer of what jobs and events say."""

from shared.database.analysis_migration import analyze_only

revision = "0005"
down_revision = "0004"

_OF_JOBS = (
    "id",
    "tenant",
    "generator",
    "lane",
    "status",
    "created_at",
    "deadline_at",
    "overdue_at",
    "finish_by",
    "overtime_at",
    "retried_from",
)


def upgrade() -> None:
    analyze_only("job", _OF_JOBS)
    analyze_only("job_event", ("seq", "job_id", "event_id"))
