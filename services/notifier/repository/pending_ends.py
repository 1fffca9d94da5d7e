"""Ends that are pending: wishes a generator should answer, and what is left when none does."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from services.notifier.models import EndKind, PendingCount, PendingEnd
from services.notifier.repository.bodies import storable
from shared.database.connection import Connection
from shared.events import CloudEvent, decode, encode

REVIEW = timedelta(hours=1)
"""How often a tombstone is asked whether its job has ended meanwhile."""

# First come, first kept: a wish that comes again is no later due. Only what is void replaces it.
_ADD = text("""
INSERT INTO pending_end AS p (job_id, kind, generator, due_at, wish)
SELECT e.job_id, e.kind, e.generator, now() + make_interval(secs => CASE
    WHEN e.wish IS NULL THEN CAST(:review AS float8) ELSE CAST(:grace AS float8) END), e.wish
FROM unnest(
  CAST(:job_ids AS uuid[]), CAST(:kinds AS text[]), CAST(:generators AS text[]),
  CAST(:wishes AS bytea[])
) AS e(job_id, kind, generator, wish)
WHERE NOT EXISTS (SELECT FROM verdict WHERE verdict.job_id = e.job_id)
ORDER BY e.job_id, e.kind
ON CONFLICT (job_id, kind) DO UPDATE SET wish = NULL, due_at = excluded.due_at
  WHERE excluded.wish IS NULL AND p.wish IS NOT NULL
""")

_WISHES = text("""
SELECT wish FROM pending_end WHERE job_id = ANY(CAST(:job_ids AS uuid[])) AND wish IS NOT NULL
ORDER BY due_at, kind
""")

_ANY_OVERDUE = text("""
SELECT EXISTS (SELECT FROM pending_end WHERE due_at <= now() AND wish IS NOT NULL)
""")

_CLAIM = text("""
SELECT job_id, kind, generator, wish FROM pending_end
WHERE due_at <= now() AND wish IS NOT NULL
ORDER BY due_at, job_id LIMIT :limit FOR UPDATE SKIP LOCKED
""")

_REVIEW = text("""
WITH looked_at AS MATERIALIZED (
  SELECT p.job_id, p.kind, EXISTS (SELECT FROM verdict WHERE verdict.job_id = p.job_id) AS ended
  FROM pending_end AS p WHERE p.due_at <= now() AND p.wish IS NULL
  ORDER BY p.due_at LIMIT :limit FOR UPDATE OF p SKIP LOCKED
), kept AS (
  UPDATE pending_end AS p SET due_at = now() + make_interval(secs => CAST(:review AS float8))
  FROM looked_at AS l WHERE p.job_id = l.job_id AND p.kind = l.kind AND NOT l.ended
)
DELETE FROM pending_end AS p
USING looked_at AS l WHERE p.job_id = l.job_id AND p.kind = l.kind AND l.ended
""")

_COUNT = text("""
SELECT kind, count(*) AS waiting, count(*) FILTER (WHERE due_at <= now()) AS overdue,
  greatest(extract(epoch FROM now() - min(due_at)), 0) AS late
FROM pending_end WHERE wish IS NOT NULL GROUP BY kind
""")


class PendingEndRepository:
    """Pending ends, on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, ends: Sequence[PendingEnd], grace: timedelta) -> None:
        """Keep these, one a job and kind, unless the job has its verdict. They are due after grace.

        What is void stays void, and makes void what was there.
        """
        if not ends:
            return
        parameters = {
            "job_ids": [end.job_id for end in ends],
            "kinds": [end.kind.value for end in ends],
            "generators": [end.generator for end in ends],
            "wishes": [storable(encode(end.wish)) if end.wish else None for end in ends],
            "grace": grace.total_seconds(),
            "review": REVIEW.total_seconds(),
        }
        await self._connection.execute(_ADD, parameters)

    async def list_wishes(self, job_ids: Sequence[UUID]) -> list[CloudEvent]:
        """The wishes about these jobs that wait for an answer, the earliest first."""
        if not job_ids:
            return []
        rows = await self._connection.execute(_WISHES, {"job_ids": list(job_ids)})
        return [decode(bytes(wish)) for wish in rows.scalars()]

    async def any_overdue(self) -> bool:
        """Whether there are wishes that nobody answered in time."""
        return bool((await self._connection.execute(_ANY_OVERDUE)).scalar_one())

    async def claim_overdue(self, limit: int) -> list[PendingEnd]:
        """The wishes that nobody answered in time, the earliest first.

        They are this transaction's until it ends; `VerdictRepository.add` removes them.
        """
        rows = await self._connection.execute(_CLAIM, {"limit": limit})
        return [
            PendingEnd(row.job_id, EndKind(row.kind), row.generator, decode(bytes(row.wish)))
            for row in rows
        ]

    async def review(self, limit: int) -> None:
        """Remove tombstones of jobs that have ended: a verdict may have missed one being laid."""
        parameters = {"limit": limit, "review": REVIEW.total_seconds()}
        await self._connection.execute(_REVIEW, parameters)

    async def count(self) -> list[PendingCount]:
        """How many wait for an answer, and how many of them should not any more."""
        return [
            PendingCount(EndKind(row.kind), row.waiting, row.overdue, float(row.late))
            for row in await self._connection.execute(_COUNT)
        ]
