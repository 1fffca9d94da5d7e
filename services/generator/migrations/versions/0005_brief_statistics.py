"""Statistics of what is searched by, and no longer of what jobs and attempts say."""

from shared.database.analysis_migration import analyze_only

revision = "0005"
down_revision = "0004"

_OF_JOBS = (
    "id",
    "tenant",
    "generator",
    "lane",
    "status",
    "worker",
    "lease_until",
    "available_at",
    "deadline_at",
    "finish_by",
    "cancel_requested_at",
    "requested_at",
    "finished_at",
)


def upgrade() -> None:
    analyze_only("job", _OF_JOBS)
    analyze_only("ended_attempt", ("job_id", "number"))
    analyze_only("asset", ("job_id", "position"))
