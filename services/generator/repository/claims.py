"""Taking the best jobs for free slots: one statement, however many slots and claimers there are."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.generator.errors import MOST_LOST
from services.generator.models import Brief, ClaimedJob, LostAttempt
from services.generator.repository.controls import AWAKE
from services.generator.repository.rows import MAY_BE_TAKEN_OVER, TIMES_LOST, failure_json
from shared.database.connection import Connection
from shared.events import Failure, Lane

_CLAIMABLE = f"""
job.finished_at IS NULL AND job.cancel_requested_at IS NULL
AND (job.finish_by IS NULL OR job.finish_by > now()) AND (
  (job.status IN ('queued', 'retrying') AND job.available_at <= now()
    AND (job.attempt > 0 OR job.deadline_at IS NULL OR job.deadline_at > now()))
  OR (job.status = 'running' AND job.lease_until < now() AND CAST(:take_over AS boolean)
    AND {MAY_BE_TAKEN_OVER}))
"""

# A tenant's generators take turns (`mixed`), and so do the tenants (`waiting`): a long backlog of
# one does not hold up another. `ranked` looks at one moment; by the time a row is locked another
# claimer may have had it, so the condition stands again where the lock is taken. A few more are
# ranked than are wanted, because locked ones are skipped. Paused generators are left out by the
# same look at the tables.
_CLAIM = text(f"""
WITH running AS (
  SELECT tenant, generator, count(*) AS jobs FROM job
  WHERE finished_at IS NULL AND generator = ANY(CAST(:generators AS text[]))
    AND status = 'running' AND lease_until >= now()
  GROUP BY tenant, generator
), busy AS (
  SELECT tenant, sum(jobs) AS jobs FROM running GROUP BY tenant
), mixed AS (
  SELECT id, tenant, lane, requested_at, coalesce(running.jobs, 0) + row_number() OVER (
    PARTITION BY tenant, lane, generator ORDER BY requested_at, id) AS place
  FROM job LEFT JOIN running USING (tenant, generator)
  WHERE generator = ANY(ARRAY({AWAKE})) AND {_CLAIMABLE}
), waiting AS (
  SELECT id, requested_at, lane = 'batch' AS patient,
    coalesce(busy.jobs, 0) + row_number() OVER (
      PARTITION BY tenant, lane ORDER BY place, requested_at, id) AS turn
  FROM mixed LEFT JOIN busy USING (tenant)
), ranked AS MATERIALIZED (
  SELECT * FROM waiting ORDER BY patient, turn, requested_at, id LIMIT 4 * CAST(:slots AS int) + 64
), chosen AS (
  SELECT job.id, job.status = 'running' AS taken_over, job.attempt AS tried,
    CASE job.attempt WHEN 0 THEN job.requested_at ELSE job.available_at END AS due_at
  FROM ranked JOIN job ON job.id = ranked.id
  WHERE {_CLAIMABLE}
  ORDER BY patient, turn, ranked.requested_at, job.id LIMIT CAST(:slots AS int)
  FOR UPDATE OF job SKIP LOCKED
), claimed AS (
  UPDATE job SET status = 'running', attempt = attempt + 1, fence = fence + 1, worker = :worker,
    lease_until = now() + make_interval(secs => CAST(:lease AS float8)),
    setbacks = CASE WHEN chosen.taken_over
      THEN job.setbacks || jsonb_build_object('lost', {TIMES_LOST} + 1) ELSE job.setbacks END
  FROM chosen WHERE job.id = chosen.id
  RETURNING job.*, chosen.taken_over, chosen.tried, chosen.due_at
), closed AS (
  UPDATE attempt SET outcome = 'lost', ended_at = now(), failure = CAST(:lost AS jsonb)
  FROM claimed
  WHERE claimed.taken_over AND attempt.job_id = claimed.id AND attempt.number = claimed.tried
  RETURNING attempt.*
), opened AS (
  INSERT INTO attempt (job_id, number, fence, worker, backend, started_at, outcome)
  SELECT id, attempt, fence, :worker, 'local', now(), 'running' FROM claimed
)
SELECT claimed.id, tenant, generator, lane, input, request, claimed.attempt, max_attempts,
  claimed.fence, now() AS started_at,
  greatest(0, extract(epoch FROM now() - due_at)) AS waited,
  extract(epoch FROM finish_by - now()) AS time_left, attempt_timeout_seconds, setbacks,
  closed.number AS lost_number, closed.worker AS lost_worker, closed.backend AS lost_backend,
  closed.started_at AS lost_started_at
FROM claimed LEFT JOIN closed ON closed.job_id = claimed.id
""")


class ClaimRepository:
    """Jobs on their way into the hands of this process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim(
        self,
        generators: Sequence[str],
        *,
        slots: int,
        worker: str,
        lease: timedelta,
        lost: Failure,
        take_over: bool = True,
    ) -> list[ClaimedJob]:
        """Up to `slots` jobs of these generators: interactive before batch, the rest in turn.

        None of a generator that is paused; none before its `available_at`, after a deadline that it
        was to start by, or after the moment it was to be finished by. With `take_over` those whose
        worker let its lease expire are included: their attempt is closed with `lost`.
        """
        result = await self._connection.execute(
            _CLAIM,
            {
                "generators": list(generators),
                "slots": slots,
                "worker": worker,
                "lease": lease.total_seconds(),
                "lost": failure_json(lost),
                "take_over": take_over,
                "most_lost": MOST_LOST,
            },
        )
        return [_claimed(row) for row in result.mappings()]


def _claimed(row: Mapping[Any, Any]) -> ClaimedJob:
    return ClaimedJob(
        id=row["id"],
        tenant=row["tenant"],
        generator=row["generator"],
        lane=Lane(row["lane"]),
        input=row["input"],
        brief=Brief.from_dict(row["request"]),
        attempt=row["attempt"],
        max_attempts=row["max_attempts"],
        fence=row["fence"],
        started_at=row["started_at"],
        waited=float(row["waited"]),
        lost=_lost(row),
        time_left=_seconds(row["time_left"]),
        attempt_timeout=_seconds(row["attempt_timeout_seconds"]),
        setbacks=row["setbacks"],
    )


def _lost(row: Mapping[Any, Any]) -> LostAttempt | None:
    if row["lost_number"] is None:
        return None
    return LostAttempt(
        number=row["lost_number"],
        worker=row["lost_worker"],
        backend=row["lost_backend"],
        started_at=row["lost_started_at"],
    )


def _seconds(value: Any) -> timedelta | None:
    return None if value is None else timedelta(seconds=float(value))
