"""Reading the event log in its order, (transaction_id, seq), behind every commit.

Nothing is read of a transaction that is not older than the oldest that still runs: what commits
late would otherwise be passed over. An event that says less than what was told of its job before it
is left out, so that the events of a job come in order, and whatever comes behind its end.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.models.event_log import (
    BEGINNING,
    FINAL_TYPES,
    REQUESTED_TYPE,
    LogEntry,
    LogLine,
    LogPosition,
)
from shared.database.connection import Connection
from shared.events.parts import FINAL_VERSION

LAST_SEQ = 2**63 - 1
BELATED = timedelta(minutes=1)
"""An event that is logged later after its moment may be missed by who asks for a time."""

_HORIZON = "(SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint))"
_BEHIND = f"""
(e.transaction_id, e.seq) > (CAST(:transaction_id AS bigint), CAST(:seq AS bigint))
  AND e.transaction_id < {_HORIZON}"""
# Asked for each line by itself: as a join it would be planned over the whole log. Wishes have no
# version: they stand where they were made, unless the job had ended.
_IN_ORDER = f"""
NOT coalesce((
    SELECT true FROM job_event AS o
    WHERE o.job_id = e.job_id AND o.version > CASE e.version WHEN 0 THEN {FINAL_VERSION - 1}
        ELSE e.version END
      AND (o.transaction_id, o.seq) < (e.transaction_id, e.seq)
    LIMIT 1), false)"""
_ENTRY = "e.transaction_id, e.seq, e.job_id, e.tenant, e.type, e.time, e.body"
_LINES = text(f"""
SELECT e.transaction_id, e.seq, e.job_id, e.tenant, e.type FROM job_event AS e
WHERE {_BEHIND} ORDER BY e.transaction_id, e.seq LIMIT :limit
""")
_ENTRIES = text(f"""
SELECT {_ENTRY} FROM job_event AS e
WHERE e.seq = ANY(CAST(:seqs AS bigint[])) AND {_IN_ORDER} ORDER BY e.transaction_id, e.seq
""")
_READ = f"""
SELECT {_ENTRY} FROM job_event AS e WHERE {_BEHIND} AND {_IN_ORDER} AND {{which}}
ORDER BY e.transaction_id, e.seq LIMIT :limit
"""
_OF_TENANT = text(_READ.format(which="e.tenant = CAST(:tenant AS text)"))
_OF_JOB = text(_READ.format(which="e.job_id = CAST(:job_id AS uuid)"))
# Only what a row names was written to disk: numbers of transactions that left nothing there are
# given out again when Postgres has crashed, and new events would stand before a place made of one.
_LAST = f"""
SELECT transaction_id, seq FROM {{table}} WHERE transaction_id < {_HORIZON}
ORDER BY transaction_id DESC, seq DESC LIMIT 1"""
_NOW = text(f"""
SELECT transaction_id, seq FROM (
  ({_LAST.format(table="job_event")}) UNION ALL ({_LAST.format(table="event_floor")})
) AS known ORDER BY transaction_id DESC, seq DESC LIMIT 1
""")
_IS_KNOWN = text("""
SELECT CAST(:transaction_id AS bigint)
  < CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
""")
_AT = text(f"""
WITH RECURSIVE search(low, high) AS (
  SELECT (SELECT transaction_id FROM job_event ORDER BY transaction_id, seq LIMIT 1), {_HORIZON}
  UNION ALL
  SELECT CASE WHEN step.before THEN step.middle + 1 ELSE step.low END,
    CASE WHEN step.before THEN step.high ELSE step.middle END
  FROM (
    SELECT low, high, (low + high) / 2 AS middle, coalesce((
      SELECT e.time < CAST(:moment AS timestamptz) FROM job_event AS e
      WHERE e.transaction_id >= (low + high) / 2 AND e.type = :type
      ORDER BY e.transaction_id, e.seq LIMIT 1), false) AS before
    FROM search WHERE low < high
  ) AS step
)
SELECT low FROM search WHERE low >= high
""")
_FLOOR = text("SELECT transaction_id, seq FROM event_floor WHERE tenant = :tenant")
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
        """All that is not behind it is told already; all that is behind it will be."""
        rows = map(tuple, await self._connection.execute(_NOW))
        return next((LogPosition(row[0], row[1]) for row in rows), BEGINNING)

    async def is_known(self, position: LogPosition) -> bool:
        """Whether it can be a place in this log."""
        told = {"transaction_id": position.transaction_id}
        return bool(next(iter((await self._connection.execute(_IS_KNOWN, told)).scalars())))

    async def has_ended(self, job_id: UUID, position: LogPosition) -> bool:
        """Whether the last word about the job stands there or before."""
        told = {"job_id": job_id, "types": list(FINAL_TYPES), **position._asdict()}
        return bool(list((await self._connection.execute(_HAS_ENDED, told)).scalars()))

    async def at(self, moment: datetime) -> LogPosition:
        """A place before which nothing of that moment or later stands (but see `BELATED`).

        Requests are logged as they are accepted: between their times it is found by halving.
        """
        told = {"moment": moment - BELATED, "type": REQUESTED_TYPE}
        found = list((await self._connection.execute(_AT, told)).scalars())
        return LogPosition(found[0] - 1, LAST_SEQ) if found else BEGINNING

    async def find_floor(self, tenant: str) -> LogPosition | None:
        """The last place of what has been forgotten; None: nothing was."""
        rows = await self._connection.execute(_FLOOR, {"tenant": tenant})
        return next((LogPosition(row[0], row[1]) for row in map(tuple, rows)), None)

    async def list_lines(self, position: LogPosition, limit: int) -> Sequence[LogLine]:
        """The next events of all, without what they say, nor the question if they come late."""
        rows = await self._connection.execute(_LINES, {"limit": limit, **position._asdict()})
        return [LogLine(LogPosition(row[0], row[1]), *row[2:]) for row in map(tuple, rows)]

    async def list_entries(self, seqs: Iterable[int]) -> Sequence[LogEntry]:
        """These, as they are to be told."""
        return _entries(await self._connection.execute(_ENTRIES, {"seqs": list(seqs)}))

    async def list_after(
        self,
        position: LogPosition,
        limit: int,
        *,
        tenant: str,
        job_id: UUID | None = None,
    ) -> Sequence[LogEntry]:
        """The next events of a tenant, or of a job."""
        told = {"limit": limit, **position._asdict()}
        if job_id is not None:
            return _entries(await self._connection.execute(_OF_JOB, {**told, "job_id": job_id}))
        return _entries(await self._connection.execute(_OF_TENANT, {**told, "tenant": tenant}))


def _entries(rows: Iterable[Iterable[Any]]) -> list[LogEntry]:
    return [LogEntry(LogPosition(row[0], row[1]), *row[2:]) for row in map(tuple, rows)]
