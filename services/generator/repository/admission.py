"""Requests on their way in, and how much of each queue is in hand."""

from collections.abc import Sequence

from sqlalchemy import text

from services.generator.models import NewJob
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb
from shared.events import Lane

# A row that is there already is a redelivery, or the tombstone of a job that was canceled first.
_ADD = text("""
INSERT INTO job (id, tenant, generator, lane, status, input, request, max_attempts, requested_at,
  deadline_at, finish_by, attempt_timeout_seconds)
SELECT id, tenant, generator, lane, 'queued', CAST(input AS jsonb), CAST(request AS jsonb),
  max_attempts, requested_at, deadline_at, finish_by, attempt_timeout
FROM unnest(
  CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
  CAST(:lanes AS text[]), CAST(:inputs AS text[]), CAST(:requests AS text[]),
  CAST(:max_attempts AS int[]), CAST(:requested_ats AS timestamptz[]),
  CAST(:deadline_ats AS timestamptz[]), CAST(:finish_bys AS timestamptz[]),
  CAST(:attempt_timeouts AS float8[])
) AS a(id, tenant, generator, lane, input, request, max_attempts, requested_at, deadline_at,
  finish_by, attempt_timeout)
ORDER BY id
ON CONFLICT (id) DO NOTHING
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
        result = await self._connection.execute(
            _ADD,
            {
                "ids": [job.id for job in jobs],
                "tenants": [job.tenant for job in jobs],
                "generators": [job.generator for job in jobs],
                "lanes": [job.lane.value for job in jobs],
                "inputs": [to_jsonb(job.input) for job in jobs],
                "requests": [to_jsonb(job.brief.as_dict()) for job in jobs],
                "max_attempts": [job.max_attempts for job in jobs],
                "requested_ats": [job.requested_at for job in jobs],
                "deadline_ats": [job.deadline_at for job in jobs],
                "finish_bys": [job.finish_by for job in jobs],
                "attempt_timeouts": [
                    job.attempt_timeout.total_seconds() if job.attempt_timeout else None
                    for job in jobs
                ],
            },
        )
        return int(result.rowcount)

    async def count_open(self) -> dict[tuple[str, Lane], int]:
        """Unfinished jobs by (generator, lane), those of all processes; absent: none."""
        rows = await self._connection.execute(_COUNT_OPEN)
        return {(row.generator, Lane(row.lane)): int(row.open) for row in rows}
