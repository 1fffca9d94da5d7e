"""Statistics of the key of verdicts, and no longer of what they say."""

from shared.database.analysis_migration import analyze_only

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    analyze_only("verdict", ("job_id",))
