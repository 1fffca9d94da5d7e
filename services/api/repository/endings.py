"""Writing how jobs ended: read model and event log of a whole batch in one statement.

It does what `transitions.project` says, for the jobs where nothing has to be merged: those that
have not ended, and of whose attempts nothing is known but perhaps that the last one began. The rest
are left to `projection`.
"""

from collections.abc import Sequence

from sqlalchemy import text

from services.api.models import Ended, Ending, Status
from services.api.repository.projection import LoggedEvent
from shared.database.columns import filled, once_if_absent, once_if_same
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb, to_jsonb_or_null

_STATUS = filled("n.status", "statuses", "text")
_VERSION = filled("n.version", "versions", "bigint")
# What has not ended is not asked for by the words of the index `job_unfinished`: or the planner,
# when it was last told of few such jobs, reads all that there are then for every batch.
# A job that has not ended has no final event in its log: there is nothing to be in conflict with.
FINISH = text(f"""
WITH changed AS (
  UPDATE job SET status = {_STATUS}, version = {_VERSION},
    updated_at = greatest(job.updated_at, n.time), started_at = least(job.started_at, n.started_at),
    finished_at = n.finished_at, assets = CAST(n.assets AS jsonb),
    failure = CAST(n.failure AS jsonb),
    attempts = coalesce(CAST('[' || n.attempt || ']' AS jsonb), job.attempts)
  FROM unnest(
    CAST(:ids AS uuid[]), CAST(:statuses AS text[]), CAST(:versions AS bigint[]),
    CAST(:times AS timestamptz[]), CAST(:started_ats AS timestamptz[]),
    CAST(:finished_ats AS timestamptz[]), CAST(:attempts AS text[]), CAST(:numbers AS int[]),
    CAST(:assets AS text[]), CAST(:failures AS text[])
  ) AS n(id, status, version, time, started_at, finished_at, attempt, number, assets, failure)
  WHERE job.id = n.id AND job.version < {_VERSION}
    AND job.status NOT IN ('ready', 'failed', 'canceled', 'expired')
    AND (n.attempt IS NULL OR job.attempts = '[]' OR (
      jsonb_array_length(job.attempts) = 1 AND NOT job.attempts -> 0 ? 'ended_at'
      AND CAST(job.attempts -> 0 -> 'number' AS int) = n.number))
  RETURNING job.id, job.generator, job.status, job.created_at, job.finished_at
), logged AS (
  INSERT INTO job_event (event_id, job_id, tenant, type, version, time, body)
  SELECT e.event_id, e.job_id, {filled("e.tenant", "tenants", "text")},
    {filled("e.type", "types", "text")}, {filled("e.version", "versions", "bigint")}, e.time, e.body
  FROM unnest(
    CAST(:event_ids AS text[]), CAST(:ids AS uuid[]), CAST(:tenants AS text[]),
    CAST(:types AS text[]), CAST(:versions AS bigint[]), CAST(:times AS timestamptz[]),
    CAST(:bodies AS text[])
  ) AS e(event_id, job_id, tenant, type, version, time, body)
  JOIN changed ON changed.id = e.job_id
)
SELECT id, generator, status, created_at, finished_at FROM changed
""")


class EndingRepository:
    """The ends of jobs, as final events tell them. One statement; it needs no transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, endings: Sequence[tuple[Ending, LoggedEvent]]) -> list[Ended]:
        """Write those that can be written without looking, each with its line in the event log.

        No two may be of the same job. Answers which were written.
        """
        ends = [ending for ending, _ in endings]
        lines = [line for _, line in endings]
        parameters = {
            "ids": [end.job_id for end in ends],
            "statuses": once_if_same([end.status.value for end in ends]),
            "versions": once_if_same([end.version for end in ends]),
            "times": [end.time for end in ends],
            "started_ats": once_if_absent([end.started_at for end in ends]),
            "finished_ats": [end.finished_at for end in ends],
            "attempts": [to_jsonb_or_null(end.attempt) for end in ends],
            "numbers": [end.attempt_number for end in ends],
            "assets": [to_jsonb(end.assets) for end in ends],
            "failures": once_if_absent([to_jsonb_or_null(end.failure) for end in ends]),
            "event_ids": [line.event_id for line in lines],
            "tenants": once_if_same([line.tenant for line in lines]),
            "types": once_if_same([line.type for line in lines]),
            "bodies": [line.body for line in lines],
        }
        rows = await self._connection.execute(FINISH, parameters)
        return [Ended(row[0], row[1], Status(row[2]), row[3], row[4]) for row in rows]
