"""Erasing what is kept of jobs that were deleted; that there was a job, and how it went, stays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from shared.database.connection import Connection

# A job that ended for everybody without its worker (canceled, past its deadline) may still run
# here: its fence moves on, so that its worker stops and has nothing to say about it any more.
_ERASE = text("""
WITH held AS MATERIALIZED (
  SELECT id FROM job WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
), erased AS (
  UPDATE job SET input = '{}',
    request = (request - 'inputs') || '{"metadata": {}, "webhook": null}',
    status = CASE WHEN finished_at IS NULL THEN 'canceled' ELSE status END,
    fence = CASE WHEN finished_at IS NULL THEN fence + 1 ELSE fence END,
    lease_until = NULL, finished_at = coalesce(finished_at, now())
  FROM held WHERE job.id = held.id
), tries AS (
  UPDATE ended_attempt SET failure = jsonb_set(failure, '{message}', '""')
  FROM held WHERE job_id = held.id AND failure IS NOT NULL
)
DELETE FROM asset USING held WHERE asset.job_id = held.id
""")


class ErasureRepository:
    """Jobs that were deleted."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def erase(self, job_ids: Sequence[UUID]) -> None:
        """Forget their inputs, metadata, webhooks, files and messages; what runs of them stops."""
        await self._connection.execute(_ERASE, {"ids": list(job_ids)})
