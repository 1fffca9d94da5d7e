"""Keeping jobs in hand: one statement for all of a process."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.generator.models import JobKey

_RENEW = text("""
WITH held AS (
  SELECT job.id FROM job
  JOIN unnest(CAST(:ids AS uuid[]), CAST(:fences AS bigint[])) AS mine(id, fence)
    ON mine.id = job.id AND mine.fence = job.fence
  WHERE job.status = 'running'
  ORDER BY job.id FOR UPDATE OF job
)
UPDATE job SET lease_until = now() + make_interval(secs => CAST(:lease AS float8))
FROM held WHERE job.id = held.id
RETURNING job.id, job.fence, job.cancel_requested_at IS NOT NULL AS canceled
""")


class LeaseRepository:
    """The leases of jobs that run."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def renew(self, held: Collection[JobKey], lease: timedelta) -> dict[JobKey, bool]:
        """Renew these. Answers those that are still ours, with whether somebody wants them stopped.

        One that is not in the answer is lost: it ended, or another worker has taken it over.
        """
        result = await self._connection.execute(
            _RENEW,
            {
                "ids": [job_id for job_id, _ in held],
                "fences": [fence for _, fence in held],
                "lease": lease.total_seconds(),
            },
        )
        return {(row.id, row.fence): bool(row.canceled) for row in result}
