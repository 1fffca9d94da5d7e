"""An attempt is written once, when it has ended; until then it is what its job's row says.

`attempt` stays as a view of both, for people and tests. Attempts that run during the migration are
of workers that cannot record them any more: they stay with their jobs, and are taken over.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEEP_WHAT_RUNS = """
UPDATE job SET started_at = attempt.started_at FROM attempt
WHERE job.status = 'running' AND attempt.job_id = job.id AND attempt.number = job.attempt
"""
_DATE_THE_REST = """
UPDATE job SET started_at = created_at WHERE status = 'running' AND started_at IS NULL
"""
_FORGET_WHAT_RUNS = """
DELETE FROM attempt USING job
WHERE job.status = 'running' AND attempt.job_id = job.id AND attempt.number = job.attempt
"""
_CLOSE_THE_REST = """
UPDATE attempt SET ended_at = coalesce(ended_at, started_at),
  outcome = CASE outcome WHEN 'running' THEN 'lost' ELSE outcome END
WHERE ended_at IS NULL OR outcome = 'running'
"""
_VIEW = """
CREATE VIEW attempt AS
SELECT job_id, number, fence, worker, backend, started_at, ended_at, outcome, failure, cost
FROM ended_attempt
UNION ALL
SELECT id, attempt, fence, worker, 'local', started_at, NULL, 'running', NULL, NULL
FROM job WHERE status = 'running'
"""


def upgrade() -> None:
    op.add_column("job", sa.Column("started_at", sa.DateTime(timezone=True)))
    for statement in (_KEEP_WHAT_RUNS, _DATE_THE_REST, _FORGET_WHAT_RUNS, _CLOSE_THE_REST):
        op.execute(statement)
    op.rename_table("attempt", "ended_attempt")
    op.execute("ALTER INDEX attempt_pkey RENAME TO ended_attempt_pkey")
    op.execute("ALTER TABLE ended_attempt RESET (fillfactor)")
    op.alter_column("ended_attempt", "ended_at", nullable=False)
    op.execute(_VIEW)
