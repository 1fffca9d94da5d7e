"""Who refers to stored bytes: jobs by what came out, uploads, and unfinished jobs by their inputs.

Hashes are answered by their first 60 bits, which is enough: two that are the same in those only
keep each other's bytes.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from shared.database.connection import Connection

_UNFINISHED = "('queued', 'running', 'retrying', 'needs_reconciliation', 'canceling')"

_OLDEST = text(f"SELECT min(created_at) FROM job WHERE status IN {_UNFINISHED}")

# What an input names was looked up when it was accepted, and is told with the request.
_REFERENCED = text(f"""
WITH said AS MATERIALIZED (
  SELECT CAST(e.body AS json) -> 'data' -> 'inputs' AS inputs
  FROM job JOIN job_event AS e ON e.job_id = job.id AND e.type = :requested
  WHERE job.status IN {_UNFINISHED} AND strpos(e.body, '"inputs":{{') > 0
)
SELECT DISTINCT ('x' || left(sha256, 15))::bit(60)::bigint FROM (
  SELECT asset ->> 'sha256' AS sha256 FROM job, jsonb_array_elements(job.assets) AS asset
  UNION ALL SELECT sha256 FROM upload
  UNION ALL SELECT input.value ->> 'sha256' FROM said, json_each(
    CASE json_typeof(said.inputs) WHEN 'object' THEN said.inputs END) AS input
) AS known WHERE left(sha256, 1) = :digit
""")

_OWN = text("""
INSERT INTO collection (id, owner, begun_at) VALUES (1, :owner, CAST(:never AS timestamptz))
ON CONFLICT (id) DO UPDATE SET owner = collection.owner RETURNING owner
""")
_BEGIN = text("""
UPDATE collection SET begun_at = CAST(:now AS timestamptz)
WHERE id = 1 AND begun_at <= CAST(:unless_since AS timestamptz) RETURNING id
""")
_NEVER = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class ReferenceRepository:
    """What is still needed of the store, and when it was last cleared of the rest."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def oldest_unfinished(self) -> datetime | None:
        """When the oldest job that has not ended was accepted."""
        found: datetime | None = (await self._connection.execute(_OLDEST)).scalar_one()
        return found

    async def list_by_digit(self, digit: str) -> set[int]:
        """The beginnings of all hashes in use that begin with this hex digit: see `beginning`."""
        told = {"digit": digit, "requested": "darkroom.media.requested.v1"}
        return set((await self._connection.execute(_REFERENCED, told)).scalars())

    async def own(self, candidate: UUID) -> UUID:
        """What this database calls itself towards the store; the first candidate stays."""
        told = {"owner": candidate, "never": _NEVER}
        owner: UUID = (await self._connection.execute(_OWN, told)).scalar_one()
        return owner

    async def begin_collection(self, now: datetime, every: timedelta) -> bool:
        """Whether it is due, and now ours to do."""
        told = {"now": now, "unless_since": now - every}
        return bool(list((await self._connection.execute(_BEGIN, told)).scalars()))


def beginning(sha256: str) -> int:
    """What stands for this hash."""
    return int(sha256[:15], 16)
