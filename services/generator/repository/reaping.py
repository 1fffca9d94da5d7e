"""Ending what no attempt and no wish will end. Every process does it; locked rows are skipped."""

from sqlalchemy import text

from services.generator.errors import MOST_LOST
from services.generator.models import StoppedJob
from services.generator.repository.rows import (
    LAST_ATTEMPT,
    MAY_BE_TAKEN_OVER,
    WHERE_LOST,
    WHY_STOPPED,
    failure_json,
    stopped_from,
)
from shared.database.connection import Connection
from shared.events import Failure

_WHY = f"""
CASE WHEN job.cancel_requested_at IS NOT NULL THEN {WHY_STOPPED}
  WHEN job.finish_by <= now() THEN 'total'
  WHEN job.attempt = 0 AND job.deadline_at <= now() THEN 'start' END
"""

_DUE = f"""
job.finished_at IS NULL AND (job.cancel_requested_at IS NOT NULL OR job.finish_by <= now()
  OR (job.attempt = 0 AND job.deadline_at <= now())
  OR (job.status = 'running' AND NOT ({MAY_BE_TAKEN_OVER})))
AND (job.status <> 'running' OR (job.lease_until < now() AND CAST(:take_over AS boolean)))
"""

# `due` looks through the open jobs by their index; taken together with the lock and its limit,
# Postgres would rather walk through all that there ever were, in the order of their ids.
_REAP = text(f"""
WITH due AS MATERIALIZED (
  SELECT id FROM job WHERE {_DUE}
), ended AS MATERIALIZED (
  SELECT job.id, job.status, job.attempt AS tried, job.fence, job.worker, job.started_at,
    {_WHY} AS cause
  FROM due JOIN job ON job.id = due.id WHERE {_DUE}
  ORDER BY job.id LIMIT 500 FOR UPDATE OF job SKIP LOCKED
), stopped AS (
  UPDATE job SET finished_at = now(), worker = NULL, lease_until = NULL, stop_cause = ended.cause,
    status = CASE WHEN ended.cause IS NULL THEN 'failed' ELSE 'canceled' END
  FROM ended WHERE job.id = ended.id
  RETURNING job.id, job.generator, job.request, ended.cause, ended.tried, ended.fence,
    ended.worker AS held_by, ended.started_at AS held_from, ended.status = 'running' AS was_lost,
    CASE WHEN ended.status = 'running' THEN {WHERE_LOST} END AS held_at
), closed AS (
  INSERT INTO ended_attempt (job_id, number, fence, worker, backend, started_at, ended_at, outcome,
    failure)
  SELECT id, tried, fence, held_by, held_at, held_from, now(), 'lost', CAST(:lost AS jsonb)
  FROM stopped WHERE stopped.was_lost
  RETURNING ended_attempt.*
)
SELECT stopped.id, stopped.generator, stopped.request, stopped.cause, {LAST_ATTEMPT} FROM stopped
LEFT JOIN LATERAL (
  SELECT * FROM closed WHERE closed.job_id = stopped.id
  UNION ALL
  SELECT * FROM ended_attempt
  WHERE NOT stopped.was_lost AND job_id = stopped.id AND number = stopped.tried
) AS a ON true
""")

_OVERDUE = """
job.finished_at IS NULL AND job.status = 'running' AND job.cancel_requested_at IS NULL
AND job.finish_by <= now() AND job.lease_until >= now()
"""
_FLAG = text(f"""
WITH due AS MATERIALIZED (
  SELECT id FROM job WHERE {_OVERDUE}
), overdue AS MATERIALIZED (
  SELECT job.id FROM due JOIN job ON job.id = due.id WHERE {_OVERDUE}
  ORDER BY job.id LIMIT 500 FOR UPDATE OF job SKIP LOCKED
)
UPDATE job SET cancel_requested_at = now(), stop_cause = 'total'
FROM overdue WHERE job.id = overdue.id
""")


class ReapingRepository:
    """What is overdue, unwanted, or has lost its last worker."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def reap(self, lost: Failure, *, take_over: bool = True) -> list[StoppedJob]:
        """End it. Whose lease has expired only with `take_over`: its attempt is closed with `lost`.

        Also ends what waits past the moment it was to be finished by, and what has never begun
        past the moment it was to begin by, whether or not anybody announces that.
        """
        rows = await self._connection.execute(
            _REAP,
            {"lost": failure_json(lost), "take_over": take_over, "most_lost": MOST_LOST},
        )
        return [stopped_from(row) for row in rows.mappings()]

    async def flag_overdue(self) -> int:
        """Ask the workers of what runs past its last moment to stop it. Answers how many do."""
        result = await self._connection.execute(_FLAG)
        return int(result.rowcount)
