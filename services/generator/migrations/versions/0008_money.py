"""What attempts cost and where they ran, also of the one that succeeded."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_VIEW = """
CREATE OR REPLACE VIEW attempt AS
SELECT job_id, number, fence, worker, backend, started_at, ended_at, outcome, failure, cost
FROM ended_attempt
UNION ALL
SELECT id, attempt, fence, worker,
  CASE WHEN status = 'generated' AND backend IS NOT NULL THEN backend ELSE 'local' END, started_at,
  finished_at, CASE status WHEN 'generated' THEN 'succeeded' ELSE 'running' END, NULL,
  CASE status WHEN 'generated' THEN cost END
FROM job WHERE status = 'running' OR (status = 'generated' AND worker IS NOT NULL)
"""


def upgrade() -> None:
    op.add_column("job", sa.Column("backend", sa.String))
    op.add_column("job", sa.Column("cost", sa.Float))
    op.execute(_VIEW)
