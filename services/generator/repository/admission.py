"""Requests on their way in, some of them straight into work, and how much is in hand."""

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

_ASKED = """unnest(
  CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:kinds AS text[]),
  CAST(:lanes AS text[]), CAST(:inputs AS text[]), CAST(:requests AS text[]),
  CAST(:max_attempts AS int[]), CAST(:requested_ats AS timestamptz[]),
  CAST(:deadline_ats AS timestamptz[]), CAST(:finish_bys AS timestamptz[]),
  CAST(:attempt_timeouts AS float8[])
) AS a(id, tenant, generator, lane, input, request, max_attempts, requested_at, deadline_at,
  finish_by, attempt_timeout)"""

# A row that is there already is a redelivery, or the tombstone of a job that was canceled first.
_ADD = text(f"""
INSERT INTO job (id, tenant, generator, lane, status, input, request, max_attempts, requested_at,
  deadline_at, finish_by, attempt_timeout_seconds)
SELECT id, tenant, generator, lane, 'queued', CAST(input AS jsonb), CAST(request AS jsonb),
  max_attempts, requested_at, deadline_at, finish_by, attempt_timeout
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
    deadline_at, finish_by, attempt_timeout_seconds, attempt, fence, worker, started_at,
    lease_until)
  SELECT id, tenant, generator, lane, CASE WHEN begins THEN 'running' ELSE 'queued' END,
    CAST(input AS jsonb), CAST(request AS jsonb), max_attempts, requested_at, deadline_at,
    finish_by, attempt_timeout, CAST(begins AS int), CAST(begins AS int),
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
SELECT generator, lane, count(*) AS open FROM job WHERE finished_at IS NULL GROUP BY generator, lane
""")


class AdmissionRepository:
    """Writes requests down, each once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, jobs: Sequence[NewJob]) -> int:
        """Write all that are new. Answers how many that were."""
        return (await self._connection.execute(_ADD, _parameters(jobs))).rowcount

    async def add_and_begin(
        self, jobs: Sequence[NewJob], generators: Sequence[str], *, worker: str, lease: timedelta
    ) -> Admitted:
        """Write all that are new, and begin them if nothing of these `generators` waits."""
        told = {"generators": list(generators), "worker": worker, "lease": lease.total_seconds()}
        result = await self._connection.execute(_ADD_AND_BEGIN, {**_parameters(jobs), **told})
        row = result.one()
        by_id = {job.id: job for job in jobs}
        begun = [ClaimedJob.first(by_id[job_id], row.started_at) for job_id in row.begun or ()]
        return Admitted(begun, row.waiting)

    async def count_open(self) -> dict[tuple[str, Lane], int]:
        """Unfinished jobs by (generator, lane), those of all processes; absent: none."""
        rows = await self._connection.execute(_COUNT_OPEN)
        return {(row.generator, Lane(row.lane)): int(row.open) for row in rows}


def _parameters(jobs: Sequence[NewJob]) -> dict[str, Any]:
    return {
        "ids": [job.id for job in jobs],
        "tenants": [job.tenant for job in jobs],
        "kinds": [job.generator for job in jobs],
        "lanes": [job.lane.value for job in jobs],
        "inputs": [to_jsonb(job.input) for job in jobs],
        "requests": [to_jsonb(job.brief.as_dict()) for job in jobs],
        "max_attempts": [job.max_attempts for job in jobs],
        "requested_ats": [job.requested_at for job in jobs],
        "deadline_ats": [job.deadline_at for job in jobs],
        "finish_bys": [job.finish_by for job in jobs],
        "attempt_timeouts": [
            None if job.attempt_timeout is None else job.attempt_timeout.total_seconds()
            for job in jobs
        ],
    }
