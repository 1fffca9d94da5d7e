"""Wishes to stop jobs, carried out. Neighbour: `reaping` ends what nobody has to wish for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from services.generator.models import BegunJob, Brief, StoppedJob, Stops, Wish
from services.generator.repository.rows import LAST_ATTEMPT, WHY_STOPPED, stopped_from
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb

_BURY = text("""
INSERT INTO job (id, tenant, generator, lane, status, input, request, max_attempts, requested_at,
  finished_at, cancel_requested_at, stop_cause)
SELECT id, tenant, generator, 'batch', 'canceled', '{}', CAST(request AS jsonb), 1, now(), now(),
  now(), cause
FROM unnest(
  CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
  CAST(:requests AS text[]), CAST(:causes AS text[])
) AS wish(id, tenant, generator, request, cause)
ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id
""")

# Decided in one UPDATE: a job that starts at the same moment is either stopped before or flagged.
# The first cause stays, so that a job says the same whoever ends it in the end.
_STOP = text(f"""
WITH wish AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:causes AS text[])) AS w(id, cause)
), held AS MATERIALIZED (
  SELECT job.id, job.status <> 'queued' AS begun FROM job JOIN wish USING (id)
  WHERE job.finished_at IS NULL ORDER BY job.id FOR UPDATE OF job
), stopped AS (
  UPDATE job SET cancel_requested_at = coalesce(cancel_requested_at, now()),
    stop_cause = coalesce({WHY_STOPPED}, wish.cause),
    status = CASE status WHEN 'running' THEN status ELSE 'canceled' END,
    finished_at = CASE status WHEN 'running' THEN NULL ELSE now() END
  FROM wish JOIN held USING (id)
  WHERE job.id = wish.id AND job.finished_at IS NULL AND NOT (held.begun AND wish.cause = 'start')
  RETURNING job.id, job.generator, job.request, job.attempt,
    CASE job.status WHEN 'running' THEN 'flagged' ELSE 'stopped' END AS became,
    job.stop_cause AS cause
), dealt_with AS (
  SELECT * FROM stopped
  UNION ALL
  SELECT job.id, job.generator, job.request, NULL, 'begun', NULL
  FROM held JOIN wish USING (id) JOIN job USING (id) WHERE held.begun AND wish.cause = 'start'
)
SELECT dealt_with.*, {LAST_ATTEMPT} FROM dealt_with
LEFT JOIN ended_attempt AS a ON a.job_id = dealt_with.id AND a.number = dealt_with.attempt
""")


class StopRepository:
    """Wishes, one a job."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def stop(self, wishes: Sequence[Wish]) -> Stops:
        """Carry them out: what waits is canceled, what runs is flagged for its worker.

        A deadline to start only finds out that what has begun has begun. Of what is not known a
        tombstone is kept, so that a request that comes later is never started.
        """
        buried = await self._bury(wishes)
        result = await self._connection.execute(
            _STOP,
            {
                "ids": [wish.job_id for wish in wishes],
                "causes": [wish.cause.value for wish in wishes],
            },
        )
        rows = list(result.mappings())
        stopped = [stopped_from(row) for row in rows if row["became"] == "stopped"]
        return Stops(
            stopped=[*buried, *stopped],
            begun=[_begun(row) for row in rows if row["became"] == "begun"],
            flagged=any(row["became"] == "flagged" for row in rows),
        )

    async def _bury(self, wishes: Sequence[Wish]) -> list[StoppedJob]:
        rows = await self._connection.execute(
            _BURY,
            {
                "ids": [wish.job_id for wish in wishes],
                "tenants": [wish.tenant for wish in wishes],
                "generators": [wish.generator for wish in wishes],
                "requests": [to_jsonb(wish.brief.as_dict()) for wish in wishes],
                "causes": [wish.cause.value for wish in wishes],
            },
        )
        new = set(rows.scalars())
        return [
            StoppedJob(wish.job_id, wish.generator, wish.brief, None, wish.cause)
            for wish in wishes
            if wish.job_id in new
        ]


def _begun(row: Mapping[Any, Any]) -> BegunJob:
    return BegunJob(row["id"], row["generator"], Brief.from_dict(row["request"]))
