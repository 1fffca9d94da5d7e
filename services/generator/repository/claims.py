"""Taking the best jobs for free slots: one statement, however many slots and claimers there are."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import TextClause, text

from services.generator.errors import MOST_LOST
from services.generator.models import Brief, ClaimedJob, LostAttempt
from services.generator.repository.controls import AWAKE
from services.generator.repository.rows import (
    MAY_BE_TAKEN_OVER,
    TIMES_LOST,
    WHERE_LOST,
    failure_json,
)
from shared.database.connection import Connection
from shared.events import Failure, Lane

DUE = """
job.status IN ('queued', 'retrying') AND job.available_at <= now()
AND (job.attempt > 0 OR job.deadline_at IS NULL OR job.deadline_at > now())
"""
WANTED = """
job.finished_at IS NULL AND job.cancel_requested_at IS NULL
AND (job.finish_by IS NULL OR job.finish_by > now())
"""
_LOST = f"job.status = 'running' AND job.lease_until < now() AND {MAY_BE_TAKEN_OVER}"


# Where there is a slot for all that is claimable, nothing has to be chosen (`few`). Else a tenant's
# generators take turns (`mixed`), and so do the tenants (`waiting`): a long backlog of one does not
# hold up another. Names are sorted as bytes: by the rules of a language it takes ten times as long.
# `ranked` looks at one moment; by the time a row is locked another claimer may have had it, so the
# condition stands again where the lock is taken. A few more are ranked than are wanted, because
# locked ones are skipped. They are locked by their ids, in this order, and no more than are wanted.
# Paused generators are left out by the same look at the tables.
def _chosen(claimable: str) -> str:
    return f"""
WITH claimable AS MATERIALIZED (
  SELECT id, tenant, lane, generator, requested_at FROM job
  WHERE generator = ANY(ARRAY({AWAKE})) AND {claimable}
), few AS MATERIALIZED (
  SELECT count(*) <= CAST(:slots AS int) AS enough FROM claimable
), running AS (
  SELECT tenant, generator, count(*) AS jobs FROM job
  WHERE finished_at IS NULL AND generator = ANY(CAST(:generators AS text[]))
    AND status = 'running' AND lease_until >= now()
  GROUP BY tenant, generator
), busy AS (
  SELECT tenant, sum(jobs) AS jobs FROM running GROUP BY tenant
), mixed AS (
  SELECT id, tenant, lane, requested_at, coalesce(running.jobs, 0) + row_number() OVER (
    PARTITION BY tenant COLLATE "C", lane COLLATE "C", generator COLLATE "C"
    ORDER BY requested_at, id) AS place
  FROM claimable LEFT JOIN running USING (tenant, generator)
  WHERE NOT (SELECT enough FROM few)
), waiting AS (
  SELECT id, requested_at, lane = 'batch' AS patient,
    coalesce(busy.jobs, 0) + row_number() OVER (
      PARTITION BY tenant COLLATE "C", lane COLLATE "C" ORDER BY place, requested_at, id) AS turn
  FROM mixed LEFT JOIN busy USING (tenant)
), ranked AS MATERIALIZED (
  (SELECT id FROM waiting ORDER BY patient, turn, requested_at, id
    LIMIT 4 * CAST(:slots AS int) + 64)
  UNION ALL SELECT id FROM claimable WHERE (SELECT enough FROM few)
), chosen AS MATERIALIZED (
  SELECT locked.* FROM ranked, LATERAL (
    SELECT job.id, job.status = 'running' AS taken_over, job.attempt AS tried,
      job.fence AS held_under, job.worker AS held_by, job.started_at AS held_from,
      CASE job.attempt WHEN 0 THEN job.requested_at ELSE job.available_at END AS due_at
    FROM job WHERE job.id = ranked.id AND {claimable}
    FOR UPDATE SKIP LOCKED
  ) AS locked
  LIMIT CAST(:slots AS int)
)
"""


_TAKE = """
UPDATE job SET status = 'running', attempt = attempt + 1, fence = fence + 1, worker = :worker,
  started_at = now(), lease_until = now() + make_interval(secs => CAST(:lease AS float8))
"""
_TAKEN = """
id, tenant, generator, lane, input, request, attempt, max_attempts, fence, started_at,
greatest(0, extract(epoch FROM started_at - due_at)) AS waited,
extract(epoch FROM finish_by - started_at) AS time_left, attempt_timeout_seconds, setbacks
"""

# What waits, and nothing else: the one that is asked all the time.
_CLAIM_WAITING = text(f"""
{_chosen(f"{WANTED} AND {DUE}")}, claimed AS (
  {_TAKE} FROM chosen WHERE job.id = chosen.id
  RETURNING job.*, chosen.due_at
)
SELECT {_TAKEN} FROM claimed
""")

_CLAIM = text(f"""
{_chosen(f"{WANTED} AND (({DUE}) OR ({_LOST}))")}, claimed AS (
  {_TAKE}, setbacks = CASE WHEN chosen.taken_over
    THEN job.setbacks || jsonb_build_object('lost', {TIMES_LOST} + 1) ELSE job.setbacks END
  FROM chosen WHERE job.id = chosen.id
  RETURNING job.*, chosen.due_at, chosen.taken_over, chosen.tried, chosen.held_under,
    chosen.held_by, chosen.held_from, CASE WHEN chosen.taken_over THEN {WHERE_LOST} END AS held_at
), closed AS (
  INSERT INTO ended_attempt (job_id, number, fence, worker, backend, started_at, ended_at, outcome,
    failure)
  SELECT id, tried, held_under, held_by, held_at, held_from, now(), 'lost', CAST(:lost AS jsonb)
  FROM claimed WHERE claimed.taken_over AND claimed.tried > 0
)
SELECT {_TAKEN}, taken_over, tried, held_by, held_from, held_at FROM claimed
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
    ) -> list[ClaimedJob]:
        """Up to `slots` jobs of these generators: interactive before batch, the rest in turn.

        None of a generator that is paused; none before its `available_at`, after a deadline that it
        was to start by, or after the moment it was to be finished by. Those whose worker let its
        lease expire are included: their attempt is closed with `lost`.
        """
        asked = _asked(generators, slots, worker, lease)
        told = {"lost": failure_json(lost), "most_lost": MOST_LOST}
        return await self._take(_CLAIM, {**asked, **told})

    async def claim_waiting(
        self, generators: Sequence[str], *, slots: int, worker: str, lease: timedelta
    ) -> list[ClaimedJob]:
        """The same without those that have, or had, a worker."""
        return await self._take(_CLAIM_WAITING, _asked(generators, slots, worker, lease))

    async def _take(self, claim: TextClause, told: Mapping[str, object]) -> list[ClaimedJob]:
        rows = await self._connection.execute(claim, told)
        return [_claimed(row, _lost(row)) for row in rows.mappings()]


def _asked(
    generators: Sequence[str], slots: int, worker: str, lease: timedelta
) -> dict[str, object]:
    return {
        "generators": list(generators),
        "slots": slots,
        "worker": worker,
        "lease": lease.total_seconds(),
    }


def _claimed(row: Mapping[Any, Any], lost: LostAttempt | None) -> ClaimedJob:
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
        lost=lost,
        time_left=_seconds(row["time_left"]),
        attempt_timeout=_seconds(row["attempt_timeout_seconds"]),
        setbacks=row["setbacks"],
    )


def _lost(row: Mapping[Any, Any]) -> LostAttempt | None:
    if not row.get("taken_over"):
        return None
    return LostAttempt(
        number=row["tried"],
        worker=row["held_by"],
        backend=row["held_at"],
        started_at=row["held_from"],
    )


def _seconds(value: Any) -> timedelta | None:
    return None if value is None else timedelta(seconds=float(value))
