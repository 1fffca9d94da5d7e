"""Requests on their way in, some of them straight into work, and how much is in hand."""

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from services.generator.models import Admitted, ClaimedJob, NewJob
from services.generator.repository.claims import DUE, WANTED
from services.generator.repository.controls import AWAKE
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb
from shared.events import Lane

_ASKED = """json_to_recordset(CAST(:jobs AS json)) AS a(
  id uuid, tenant text, generator text, lane text, input jsonb, request jsonb, max_attempts int,
  requested_at timestamptz, deadline_at timestamptz, finish_by timestamptz, attempt_timeout float8,
  overflow boolean
)"""

# A row that is there already is a redelivery, or the tombstone of a job that was canceled first.
_ADD = text(f"""
INSERT INTO job (id, tenant, generator, lane, status, input, request, max_attempts, requested_at,
  deadline_at, finish_by, attempt_timeout_seconds, overflow)
SELECT id, tenant, generator, lane, 'queued', input, request, max_attempts, requested_at,
  deadline_at, finish_by, attempt_timeout, overflow
FROM {_ASKED}
ORDER BY id
ON CONFLICT (id) DO NOTHING
""")

# Whoever asks has a free slot for each. They begin at once, unless anything waits that should have
# a slot before them: then all of them wait, and the claim chooses. What is paused waits by itself,
# and so does what has come too late to begin.
_ADD_AND_BEGIN = text(f"""
WITH awake AS MATERIALIZED (
  {AWAKE}
), crowded AS MATERIALIZED (
  SELECT EXISTS (
    SELECT FROM job WHERE generator IN (SELECT name FROM awake) AND {WANTED} AND {DUE}
  ) AS now
), decided AS MATERIALIZED (
  SELECT a.*, NOT crowded.now AND generator IN (SELECT name FROM awake)
    AND (deadline_at IS NULL OR deadline_at > now())
    AND (finish_by IS NULL OR finish_by > now()) AS begins
  FROM {_ASKED}, crowded
), added AS (
  INSERT INTO job (id, tenant, generator, lane, status, input, request, max_attempts, requested_at,
    deadline_at, finish_by, attempt_timeout_seconds, overflow, attempt, fence, worker, started_at,
    lease_until)
  SELECT id, tenant, generator, lane, CASE WHEN begins THEN 'running' ELSE 'queued' END,
    input, request, max_attempts, requested_at, deadline_at, finish_by, attempt_timeout,
    overflow, CAST(begins AS int), CAST(begins AS int),
    CASE WHEN begins THEN CAST(:worker AS text) END, CASE WHEN begins THEN now() END,
    CASE WHEN begins THEN now() + make_interval(secs => CAST(:lease AS float8)) END
  FROM decided
  ORDER BY id
  ON CONFLICT (id) DO NOTHING
  RETURNING id, status
)
SELECT array_agg(id) FILTER (WHERE status = 'running') AS begun,
  count(*) FILTER (WHERE status = 'queued') AS waiting, now() AS started_at
FROM added
""")

_COUNT_OPEN = text("""
SELECT generator, lane, overflow, count(*) AS open FROM job
WHERE finished_at IS NULL AND status <> 'needs_reconciliation' GROUP BY generator, lane, overflow
""")


class AdmissionRepository:
    """Writes requests down, each once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, jobs: Sequence[NewJob]) -> int:
        """Write all that are new. Answers how many that were."""
        return (await self._connection.execute(_ADD, {"jobs": _told(jobs)})).rowcount

    async def add_and_begin(
        self,
        jobs: Sequence[NewJob],
        generators: Sequence[str],
        *,
        worker: str,
        lease: timedelta,
        held_until: float = math.inf,
    ) -> Admitted:
        """Write all that are new, and begin them if nothing of these `generators` waits."""
        asked = {"generators": list(generators), "worker": worker, "lease": lease.total_seconds()}
        result = await self._connection.execute(_ADD_AND_BEGIN, {"jobs": _told(jobs), **asked})
        row = result.one()
        by_id, now = {job.id: job for job in jobs}, row.started_at
        begun = [ClaimedJob.first(by_id[job_id], now, held_until) for job_id in row.begun or ()]
        return Admitted(begun, row.waiting)

    async def count_open(self) -> dict[tuple[str, Lane, bool], int]:
        """Unfinished jobs by (generator, lane, overflow), those of all processes; absent: none.

        Those that wait for somebody's decision may wait long: they take nobody's place.
        """
        rows = await self._connection.execute(_COUNT_OPEN)
        return {(row.generator, Lane(row.lane), row.overflow): int(row.open) for row in rows}


def _told(jobs: Sequence[NewJob]) -> str:
    """The columns of `_ASKED` as one text: less work here than an array each, more in Postgres."""
    return to_jsonb([_row(job) for job in jobs])


def _row(job: NewJob) -> dict[str, Any]:
    timeout = job.attempt_timeout
    return {
        "id": job.id,
        "tenant": job.tenant,
        "generator": job.generator,
        "lane": job.lane,
        "input": job.input,
        "request": job.brief.as_dict(),
        "max_attempts": job.max_attempts,
        "requested_at": job.requested_at,
        "deadline_at": job.deadline_at,
        "finish_by": job.finish_by,
        "attempt_timeout": None if timeout is None else timeout.total_seconds(),
        "overflow": job.overflow,
    }
