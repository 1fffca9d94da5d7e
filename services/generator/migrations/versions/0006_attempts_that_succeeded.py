"""The attempt that has made a job is what the job's row says: it is not written a second time.

`attempt` shows it from there. What the versions before have written stays in `ended_attempt`, and
they go on writing there: the rows of their jobs name no worker when they have ended.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

_VIEW = """
CREATE OR REPLACE VIEW attempt AS
SELECT job_id, number, fence, worker, backend, started_at, ended_at, outcome, failure, cost
FROM ended_attempt
UNION ALL
SELECT id, attempt, fence, worker, 'local', started_at, finished_at,
  CASE status WHEN 'generated' THEN 'succeeded' ELSE 'running' END, NULL, NULL
FROM job WHERE status = 'running' OR (status = 'generated' AND worker IS NOT NULL)
"""


def upgrade() -> None:
    op.execute(_VIEW)
