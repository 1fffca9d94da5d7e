"""Reading the event log in its order, (transaction_id, seq), behind every commit.

Nothing is read of a transaction that is not older than the oldest that still runs: what commits
late would otherwise be passed over. An event that says less than what was told of its job before it
is left out, so that the events of a job come in order.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from services.api.models.event_log import FINAL_TYPES, LogEntry, LogPosition
from shared.database.connection import Connection

LAST_SEQ = 2**63 - 1

_HORIZON = "(SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint))"
# Asked for each line by itself: as a join it would be planned over the whole log.
_READ = f"""
SELECT e.transaction_id, e.seq, e.job_id, e.tenant, e.type, e.body FROM job_event AS e
WHERE (e.transaction_id, e.seq) > (CAST(:transaction_id AS bigint), CAST(:seq AS bigint))
  AND e.transaction_id < {_HORIZON}
  AND NOT coalesce((
    SELECT true FROM job_event AS o
    WHERE o.job_id = e.job_id AND o.version > e.version
      AND (o.transaction_id, o.seq) < (e.transaction_id, e.seq)
    LIMIT 1), false)
  {{which}}
ORDER BY e.transaction_id, e.seq LIMIT :limit
"""
_ALL = text(_READ.format(which=""))
_OF_TENANT = text(_READ.format(which="AND e.tenant = CAST(:tenant AS text)"))
_OF_JOB = text(_READ.format(which="AND e.job_id = CAST(:job_id AS uuid)"))
_NOW = text(f"SELECT {_HORIZON} - 1")
_IS_KNOWN = text("""
SELECT CAST(:transaction_id AS bigint)
  < CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
""")
_HAS_ENDED = text("""
SELECT 1 FROM job_event
WHERE job_id = CAST(:job_id AS uuid) AND type = ANY(CAST(:types AS text[]))
  AND (transaction_id, seq) <= (CAST(:transaction_id AS bigint), CAST(:seq AS bigint))
""")


class EventLogRepository:
    """The log, for those who follow it. Every method is one statement."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def now(self) -> LogPosition:
        """All that is before it is told already; all that is behind it will be."""
        found = list((await self._connection.execute(_NOW)).scalars())
        return LogPosition(found[0], LAST_SEQ)

    async def is_known(self, position: LogPosition) -> bool:
        """Whether it can be a place in this log."""
        told = {"transaction_id": position.transaction_id}
        return bool(next(iter((await self._connection.execute(_IS_KNOWN, told)).scalars())))

    async def has_ended(self, job_id: UUID, position: LogPosition) -> bool:
        """Whether the last word about the job stands there or before."""
        told = {"job_id": job_id, "types": list(FINAL_TYPES), **position._asdict()}
        return bool(list((await self._connection.execute(_HAS_ENDED, told)).scalars()))

    async def list_after(
        self,
        position: LogPosition,
        limit: int,
        *,
        tenant: str | None = None,
        job_id: UUID | None = None,
    ) -> Sequence[LogEntry]:
        """The next events: of all, of a tenant, or of a job."""
        told = {"limit": limit, **position._asdict()}
        if job_id is not None:
            rows = await self._connection.execute(_OF_JOB, {**told, "job_id": job_id})
        elif tenant is not None:
            rows = await self._connection.execute(_OF_TENANT, {**told, "tenant": tenant})
        else:
            rows = await self._connection.execute(_ALL, told)
        return [LogEntry(LogPosition(row[0], row[1]), *row[2:]) for row in map(tuple, rows)]
