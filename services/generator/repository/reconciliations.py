"""Jobs that wait for somebody who decides, and what was decided."""

from collections.abc import Sequence

from sqlalchemy import text

from services.generator.models import Decision, Reconciled
from services.generator.repository.rows import LAST_ATTEMPT, stopped_from
from shared.database.connection import Connection
from shared.events import Resolution

# Only what still waits for a decision about this attempt is touched: one may come late, and more
# than once. What is to be stopped is left to the reaper. What was ordered is found by the next
# attempt, or forgotten, in the same statement.
_RESOLVE = text(f"""
WITH told AS (
  SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:attempts AS int[]), CAST(:resolutions AS text[]),
    CAST(:provider_ids AS text[])) AS t(id, attempt, resolution, provider_id)
), held AS MATERIALIZED (
  SELECT job.id, told.attempt, told.resolution, told.provider_id FROM job JOIN told USING (id)
  WHERE job.status = 'needs_reconciliation' AND job.attempt = told.attempt
    AND job.cancel_requested_at IS NULL
  ORDER BY job.id FOR UPDATE OF job
), resolved AS (
  UPDATE job SET available_at = now(),
    status = CASE held.resolution WHEN 'fail' THEN 'failed' ELSE 'retrying' END,
    finished_at = CASE held.resolution WHEN 'fail' THEN now() END
  FROM held WHERE job.id = held.id AND job.status = 'needs_reconciliation'
  RETURNING job.id, job.generator, job.request, job.attempt, held.resolution,
    coalesce(job.backend, 'local') AS asked, held.provider_id
), forgotten AS (
  DELETE FROM provider_job USING resolved
  WHERE provider_job.job_id = resolved.id AND resolved.resolution = 'resubmit'
), attached AS (
  INSERT INTO provider_job (job_id, attempt, provider, provider_id)
  SELECT id, attempt, asked, provider_id FROM resolved WHERE resolution = 'attach'
  ON CONFLICT (job_id) DO UPDATE SET provider_id = excluded.provider_id, cancel_at = NULL
)
SELECT resolved.id, resolved.generator, resolved.request, resolved.resolution, NULL AS cause,
  {LAST_ATTEMPT}
FROM resolved
LEFT JOIN ended_attempt AS a ON a.job_id = resolved.id AND a.number = resolved.attempt
""")

_COUNT = text("""
SELECT generator, count(*) AS jobs FROM job
WHERE finished_at IS NULL AND status = 'needs_reconciliation' GROUP BY generator
""")


class ReconciliationRepository:
    """Decisions, one a job."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def resolve(self, decisions: Sequence[Decision]) -> Reconciled:
        """Carry out those that still fit.

        Attached and ordered again means: an attempt may begin. Given up means: it has failed.
        """
        told = {
            "ids": [one.job_id for one in decisions],
            "attempts": [one.attempt for one in decisions],
            "resolutions": [one.resolution.value for one in decisions],
            "provider_ids": [one.provider_id for one in decisions],
        }
        rows = list((await self._connection.execute(_RESOLVE, told)).mappings())
        failed = Resolution.FAIL.value
        return Reconciled(
            resumed=[row["id"] for row in rows if row["resolution"] != failed],
            given_up=[stopped_from(row) for row in rows if row["resolution"] == failed],
        )

    async def count_waiting(self) -> dict[str, int]:
        """How many jobs wait for a decision, by generator; absent: none."""
        rows = await self._connection.execute(_COUNT)
        return {row.generator: int(row.jobs) for row in rows}
