"""Deleting jobs, and what is left of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.models import Status, Tombstone
from shared.database.connection import Connection
from shared.events import DeletionReason

_COLUMNS = (
    "id, tenant, generator, status, created_at, finished_at, deleted_at, reason, correlation_id, "
    "deleted_by"
)
_FINAL = "('ready', 'failed', 'canceled', 'expired')"

_DELETE = text(f"""
WITH gone AS (
  DELETE FROM job WHERE id = ANY(CAST(:ids AS uuid[])) AND status IN {_FINAL}
  RETURNING id, tenant, generator, status, created_at, finished_at, correlation_id
), forgotten AS (
  DELETE FROM job_event USING gone WHERE job_event.job_id = gone.id
)
INSERT INTO tombstone ({_COLUMNS})
SELECT id, tenant, generator, status, created_at, finished_at, CAST(:now AS timestamptz), :reason,
  correlation_id, :by
FROM gone RETURNING {_COLUMNS}
""")

# As the index `job_expiry` has it.
_EXPIRED = text("""
SELECT id FROM job WHERE expires_in IS NOT NULL AND finished_at IS NOT NULL
  AND ((finished_at AT TIME ZONE 'UTC') + expires_in * interval '1 second')
    <= (CAST(:now AS timestamptz) AT TIME ZONE 'UTC')
ORDER BY ((finished_at AT TIME ZONE 'UTC') + expires_in * interval '1 second')
LIMIT :limit FOR UPDATE SKIP LOCKED
""")

# Ids are as old as their jobs (UUIDv7): what is to go is at the beginning, and no index is needed.
_ENDED_BEFORE = text("""
SELECT id FROM job WHERE id > :after AND id < :horizon
  AND expires_in IS NULL AND finished_at <= CAST(:before AS timestamptz)
ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
""")

_LIST = text(f"""
SELECT {_COLUMNS} FROM tombstone
WHERE tenant = :tenant AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
ORDER BY id DESC LIMIT :limit
""")

_PURGE = text("""
WITH old AS MATERIALIZED (
  SELECT id FROM tombstone WHERE deleted_at <= CAST(:before AS timestamptz)
  ORDER BY deleted_at LIMIT :limit FOR UPDATE SKIP LOCKED
), forgotten AS (
  DELETE FROM job_event USING old WHERE job_event.job_id = old.id
  RETURNING job_event.tenant, job_event.transaction_id, job_event.seq
), floor AS (
  INSERT INTO event_floor AS f (tenant, transaction_id, seq)
  SELECT DISTINCT ON (tenant) tenant, transaction_id, seq FROM forgotten
  ORDER BY tenant, transaction_id DESC, seq DESC
  ON CONFLICT (tenant) DO UPDATE SET transaction_id = excluded.transaction_id, seq = excluded.seq
    WHERE (f.transaction_id, f.seq) < (excluded.transaction_id, excluded.seq)
)
DELETE FROM tombstone USING old WHERE tombstone.id = old.id
""")

NIL = UUID(int=0)


class DeletionRepository:
    """Jobs on their way out. Those that are found are locked until the unit of work ends."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def delete(
        self, ids: Sequence[UUID], reason: DeletionReason, now: datetime, by: str | None = None
    ) -> list[Tombstone]:
        """Delete those of these jobs that have ended, and what was said of them."""
        told = {"ids": list(ids), "reason": reason.value, "now": now, "by": by}
        rows = await self._connection.execute(_DELETE, told)
        return [tombstone_from(row) for row in rows.mappings()]

    async def lock_expired(self, now: datetime, limit: int) -> list[UUID]:
        """Jobs whose own time (`expires_in`) is over, the first ones first."""
        rows = await self._connection.execute(_EXPIRED, {"now": now, "limit": limit})
        return list(rows.scalars())

    async def lock_ended_before(
        self, before: datetime, limit: int, after: UUID = NIL
    ) -> list[UUID]:
        """Jobs that ended by then and do not say how long they are kept, behind `after`, by id."""
        told = {"before": before, "limit": limit, "after": after, "horizon": first_id_at(before)}
        rows = await self._connection.execute(_ENDED_BEFORE, told)
        return list(rows.scalars())

    async def list_by_tenant(
        self, tenant: str, limit: int, before: UUID | None = None
    ) -> list[Tombstone]:
        """What is left of the tenant's, newest requests first."""
        told = {"tenant": tenant, "limit": limit, "before": before}
        rows = await self._connection.execute(_LIST, told)
        return [tombstone_from(row) for row in rows.mappings()]

    async def purge(self, before: datetime, limit: int) -> int:
        """Forget what was deleted by then, and note where that was told. Answers of how many."""
        told = {"before": before, "limit": limit}
        return int((await self._connection.execute(_PURGE, told)).rowcount)


def tombstone_from(row: Mapping[Any, Any]) -> Tombstone:
    """The tombstone that a row of its table holds."""
    values = {str(name): value for name, value in row.items()}
    values["status"] = Status(values["status"])
    values["reason"] = DeletionReason(values["reason"])
    return Tombstone(**values)


def first_id_at(moment: datetime) -> UUID:
    """No UUIDv7 (RFC 9562) made from that millisecond on is less."""
    milliseconds = max(0, (moment - _EPOCH) // timedelta(milliseconds=1))
    return UUID(int=milliseconds << 80)


_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
