"""Keeping jobs in hand: one statement for all of a process."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import text

from services.generator.models import Cause, JobKey
from services.generator.repository.rows import WHY_STOPPED
from shared.database.connection import Connection

_RENEW = text(f"""
WITH held AS (
  SELECT job.id FROM job
  JOIN unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS mine(id, fence)
    ON mine.id = job.id AND mine.fence = job.fence
  WHERE job.status = 'running'
  ORDER BY job.id FOR UPDATE OF job
)
UPDATE job SET lease_until = now() + make_interval(secs => CAST(:lease AS float8))
FROM held WHERE job.id = held.id
RETURNING job.id, job.fence, {WHY_STOPPED} AS cause
""")


class LeaseRepository:
    """The leases of jobs that run."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def renew(self, held: Collection[JobKey], lease: timedelta) -> dict[JobKey, Cause | None]:
        """Renew these. Answers those that are still ours, with why somebody wants them stopped.

        One that is not in the answer is lost: it ended, or another worker has taken it over. One
        whose lease has expired is renewed as well, as long as nobody has.
        """
        result = await self._connection.execute(
            _RENEW,
            {
                "ids": [job_id for job_id, _ in held],
                "fences": [fence for _, fence in held],
                "lease": lease.total_seconds(),
            },
        )
        return {
            (row.id, row.fence): None if row.cause is None else Cause(row.cause) for row in result
        }
