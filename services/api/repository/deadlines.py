"""Finding the jobs whose deadlines have passed; several processes share them by SKIP LOCKED."""

from datetime import datetime

from sqlalchemy import TextClause, text

from services.api.models import Job
from services.api.repository.rows import JOB_COLUMNS, job_from
from shared.database.connection import Connection

_JOB = ", ".join(f"job.{column.strip()}" for column in JOB_COLUMNS.split(","))

_CLAIM_NOT_STARTED = text(f"""
WITH late AS (
  SELECT id FROM job WHERE status = 'queued' AND overdue_at IS NULL
    AND deadline_at <= CAST(:before AS timestamptz)
  ORDER BY deadline_at LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE job SET overdue_at = :before FROM late WHERE job.id = late.id
RETURNING {_JOB}
""")

_CLAIM_NOT_FINISHED = text(f"""
WITH late AS (
  SELECT id FROM job WHERE status IN
      ('queued', 'running', 'retrying', 'needs_reconciliation', 'canceling')
    AND finish_by <= CAST(:before AS timestamptz)
    AND (overtime_at IS NULL OR overtime_at <= CAST(:unless_since AS timestamptz))
  ORDER BY finish_by LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE job SET overtime_at = :before FROM late WHERE job.id = late.id
RETURNING {_JOB}
""")


class DeadlineRepository:
    """Jobs that are late. Whoever claims one says so, in the same unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim_not_started(self, before: datetime, limit: int = 500) -> list[Job]:
        """Jobs that still wait though they were to start by `before`; each is answered once."""
        values = {"before": before, "limit": limit}
        return await self._claim(_CLAIM_NOT_STARTED, values)

    async def claim_not_finished(
        self, before: datetime, unless_since: datetime, limit: int = 500
    ) -> list[Job]:
        """Jobs that were to have come to their end by `before`, and have not.

        Left out are those that were claimed after `unless_since`.
        """
        values = {"before": before, "unless_since": unless_since, "limit": limit}
        return await self._claim(_CLAIM_NOT_FINISHED, values)

    async def _claim(self, statement: TextClause, values: dict[str, object]) -> list[Job]:
        rows = await self._connection.execute(statement, values)
        return [job_from(row) for row in rows.mappings()]
