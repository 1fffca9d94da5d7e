"""Taking jobs out of the overflow: they are said once more, for the queue itself."""

from collections.abc import Sequence

from sqlalchemy import text

from services.api.models import Missing
from shared.database.connection import Connection
from shared.events import MediaRequested, decode
from shared.messaging.outbox import Outbox

_WHERE_IT_WAITS = """job.status = 'queued' AND job.overflow AND job.generator = place.generator
      AND job.lane = place.lane AND job.tenant = place.tenant"""

# Whose job is the first in the overflow of a queue is about to be served there. Rows that somebody
# has locked are passed by: they are about to change, or another api process is at it.
_CALL_OUT = text(f"""
WITH place AS MATERIALIZED (
  SELECT asked.*, (
    SELECT job.id FROM job, (SELECT asked.*) AS place WHERE {_WHERE_IT_WAITS}
    ORDER BY job.id LIMIT 1
  ) AS oldest
  FROM unnest(
    CAST(:tenants AS text[]), CAST(:generators AS text[]), CAST(:lanes AS text[]),
    CAST(:missing AS int[])
  ) AS asked(tenant, generator, lane, missing)
), behind AS MATERIALIZED (
  SELECT place.*, first_value(oldest) OVER (
    PARTITION BY generator, lane ORDER BY oldest NULLS LAST) AS head
  FROM place
), chosen AS MATERIALIZED (
  SELECT picked.id FROM behind AS place, LATERAL (
    SELECT job.id FROM job WHERE {_WHERE_IT_WAITS}
    ORDER BY job.id LIMIT place.missing FOR UPDATE SKIP LOCKED
  ) AS picked
  WHERE place.missing > 0 AND place.oldest <> place.head
)
UPDATE job SET overflow = false FROM chosen JOIN job_event AS e ON e.job_id = chosen.id
WHERE job.id = chosen.id AND e.type = :type
RETURNING job.id, e.body
""")


class SharingRepository:
    """What waits in the overflow."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def call_out(self, missing: Sequence[Missing]) -> int:
        """Take the oldest of each place, where another place of its queue is served before it.

        Answers how many; they are published with the commit.
        """
        places = [one.place for one in missing]
        rows = await self._connection.execute(
            _CALL_OUT,
            {
                "tenants": [place.tenant for place in places],
                "generators": [place.generator for place in places],
                "lanes": [place.lane for place in places],
                "missing": [one.jobs for one in missing],
                "type": MediaRequested.type_name,
            },
        )
        called = sorted(rows, key=lambda row: bytes(row.id.bytes))
        await Outbox(self._connection).add(decode(row.body.encode()) for row in called)
        return len(called)
