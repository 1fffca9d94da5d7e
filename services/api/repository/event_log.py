"""Reading the event log in its order, (transaction_id, seq), behind every commit.

Nothing is read of a transaction that is not older than the oldest that still runs: what commits
late would otherwise be passed over. An event that says less than what was told of its job before it
is left out, so that the events of a job come in order, and whatever comes behind its end.
"""

from collections.abc import Collection, Iterable, Sequence
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
    LogWindow,
)
from shared.database.connection import Connection
from shared.events.parts import FINAL_VERSION

LAST_SEQ = 2**63 - 1
WINDOW = 20_000
_NEAR = 5_000
"""Lines in which a request is looked for when a time is."""
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
_OF_JOB = text(f"""
SELECT {_ENTRY} FROM job_event AS e
WHERE {_BEHIND} AND {_IN_ORDER} AND e.job_id = CAST(:job_id AS uuid)
ORDER BY e.transaction_id, e.seq LIMIT :limit
""")
# However much others have in the log, no statement looks at more than a window of it.
_WINDOW = text(f"""
WITH page AS MATERIALIZED (
  SELECT e.transaction_id, e.seq, e.tenant, e.type FROM job_event AS e
  WHERE {_BEHIND} ORDER BY e.transaction_id, e.seq LIMIT :limit
)
SELECT p.transaction_id, p.seq, (SELECT count(*) FROM page), ARRAY(
    SELECT w.seq FROM page AS w
    WHERE w.tenant = CAST(:tenant AS text) AND (CAST(:types AS text[]) IS NULL
      OR regexp_replace(w.type, '^darkroom[.]|[.][^.]*$', '', 'g') = ANY(CAST(:types AS text[])))
    ORDER BY w.transaction_id, w.seq)
FROM page AS p ORDER BY p.transaction_id DESC, p.seq DESC LIMIT 1
""")
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
      SELECT near.time < CAST(:moment AS timestamptz) FROM (
        SELECT e.time, e.type FROM job_event AS e WHERE e.transaction_id >= (low + high) / 2
        ORDER BY e.transaction_id, e.seq LIMIT :limit
      ) AS near WHERE near.type = :type LIMIT 1), false) AS before
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

        Requests are logged as they are accepted: between their times it is found by halving. Where
        there are none for long it is an earlier place.
        """
        told = {"moment": moment - BELATED, "type": REQUESTED_TYPE, "limit": _NEAR}
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

    async def find_window(
        self, position: LogPosition, tenant: str, types: Collection[str] = (), size: int = WINDOW
    ) -> LogWindow:
        """What the tenant has in the next stretch of the log, of these types (`media.ready`)."""
        told = {"tenant": tenant, "types": list(types) or None, "limit": size}
        rows = await self._connection.execute(_WINDOW, {**told, **position._asdict()})
        for transaction_id, seq, count, seqs in map(tuple, rows):
            return LogWindow(list(seqs), LogPosition(transaction_id, seq), count == size)
        return LogWindow([], position, full=False)

    async def list_of_job(
        self, job_id: UUID, position: LogPosition, limit: int
    ) -> Sequence[LogEntry]:
        """The next events of a job."""
        told = {"job_id": job_id, "limit": limit, **position._asdict()}
        return _entries(await self._connection.execute(_OF_JOB, told))


def _entries(rows: Iterable[Iterable[Any]]) -> list[LogEntry]:
    return [LogEntry(LogPosition(row[0], row[1]), *row[2:]) for row in map(tuple, rows)]
