"""Jobs that will not go on: by a wish, by a deadline, or because their attempts are used up."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.generator.models import Brief, StoppedJob, Wish
from services.generator.repository.rows import attempt_from, failure_json
from shared.database.jsonb import to_jsonb
from shared.events import Failure

_LAST_ATTEMPT = """
a.number, a.worker, a.backend, a.started_at, a.ended_at, a.outcome, a.failure, a.cost
"""

_BURY = text("""
INSERT INTO job (id, tenant, generator, lane, status, input, request, max_attempts, requested_at,
  finished_at)
SELECT id, tenant, generator, 'batch', 'canceled', '{}', CAST(request AS jsonb), 1, now(), now()
FROM unnest(
  CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
  CAST(:requests AS text[])
) AS wish(id, tenant, generator, request)
ORDER BY id
ON CONFLICT (id) DO NOTHING
RETURNING id
""")

# Decided in one UPDATE: a job that starts at the same moment is either stopped before or flagged.
_STOP = text(f"""
WITH wish AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:unstarted_onlys AS boolean[]))
    AS w(id, unstarted_only)
), held AS MATERIALIZED (
  SELECT job.id FROM job JOIN wish USING (id) WHERE job.finished_at IS NULL
  ORDER BY job.id FOR UPDATE OF job
), stopped AS (
  UPDATE job SET cancel_requested_at = coalesce(cancel_requested_at, now()),
    status = CASE status WHEN 'running' THEN status ELSE 'canceled' END,
    finished_at = CASE status WHEN 'running' THEN NULL ELSE now() END
  FROM wish JOIN held USING (id)
  WHERE job.id = wish.id AND job.finished_at IS NULL
    AND (job.status = 'queued' OR NOT wish.unstarted_only)
  RETURNING job.id, job.generator, job.request, job.status, job.attempt
)
SELECT stopped.*, {_LAST_ATTEMPT} FROM stopped
LEFT JOIN attempt AS a ON a.job_id = stopped.id AND a.number = stopped.attempt
""")

_REAP = text(f"""
WITH ended AS MATERIALIZED (
  SELECT id, status, attempt AS tried FROM job
  WHERE finished_at IS NULL AND (
    (status = 'running' AND lease_until < now()
      AND (attempt >= max_attempts OR cancel_requested_at IS NOT NULL))
    OR (status IN ('queued', 'retrying') AND cancel_requested_at IS NOT NULL))
  ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
), stopped AS (
  UPDATE job SET finished_at = now(), worker = NULL, lease_until = NULL,
    status = CASE WHEN cancel_requested_at IS NULL THEN 'failed' ELSE 'canceled' END
  FROM ended WHERE job.id = ended.id
  RETURNING job.id, job.generator, job.request, job.status, ended.tried,
    ended.status = 'running' AS was_lost
), closed AS (
  UPDATE attempt SET outcome = 'lost', ended_at = now(), failure = CAST(:lost AS jsonb)
  FROM stopped
  WHERE stopped.was_lost AND attempt.job_id = stopped.id AND attempt.number = stopped.tried
  RETURNING attempt.*
)
SELECT stopped.*, {_LAST_ATTEMPT} FROM stopped
LEFT JOIN LATERAL (
  SELECT * FROM closed WHERE closed.job_id = stopped.id
  UNION ALL
  SELECT * FROM attempt
  WHERE NOT stopped.was_lost AND attempt.job_id = stopped.id AND attempt.number = stopped.tried
) AS a ON true
""")


class StopRepository:
    """The ends that no attempt brings about."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def stop(self, wishes: Sequence[Wish]) -> tuple[list[StoppedJob], bool]:
        """Carry out the wishes, one a job. Answers what was stopped, and whether any still runs.

        What waits is canceled, what runs is flagged; of what is not known a tombstone is kept, so
        that a request that comes later is never started.
        """
        reasons = {wish.job_id: wish.reason for wish in wishes}
        buried = await self._bury(wishes)
        rows = await self._connection.execute(
            _STOP,
            {
                "ids": [wish.job_id for wish in wishes],
                "unstarted_onlys": [wish.unstarted_only for wish in wishes],
            },
        )
        known = list(rows.mappings())
        stopped = [_stopped(row, reasons[row["id"]]) for row in known if row["status"] != "running"]
        return buried + stopped, len(stopped) < len(known)

    async def reap(self, lost: Failure) -> list[StoppedJob]:
        """End what nobody will: leases that expired in the last attempt, or with a wish to stop."""
        rows = await self._connection.execute(_REAP, {"lost": failure_json(lost)})
        return [
            _stopped(row, "canceled" if row["status"] == "canceled" else None)
            for row in rows.mappings()
        ]

    async def _bury(self, wishes: Sequence[Wish]) -> list[StoppedJob]:
        rows = await self._connection.execute(
            _BURY,
            {
                "ids": [wish.job_id for wish in wishes],
                "tenants": [wish.tenant for wish in wishes],
                "generators": [wish.generator for wish in wishes],
                "requests": [to_jsonb(wish.brief.as_dict()) for wish in wishes],
            },
        )
        new = set(rows.scalars())
        return [
            StoppedJob(wish.job_id, wish.generator, wish.brief, None, wish.reason)
            for wish in wishes
            if wish.job_id in new
        ]


def _stopped(row: Mapping[Any, Any], reason: str | None) -> StoppedJob:
    return StoppedJob(
        id=row["id"],
        generator=row["generator"],
        brief=Brief.from_dict(row["request"]),
        attempt=attempt_from({str(name): value for name, value in row.items()}),
        reason=reason,
    )
