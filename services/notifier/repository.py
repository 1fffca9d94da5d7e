"""Every SQL statement of the notifier."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.models import Verdict
from shared.messaging.outbox import OUTBOX_COLUMNS, OUTBOX_ROWS, outbox_parameters

_ADD = text(f"""
WITH given AS (
  INSERT INTO verdict (job_id, tenant, generator, outcome, event_id, caused_by, decided_at, body)
  SELECT v.job_id, v.tenant, v.generator, v.outcome, v.event_id, v.caused_by, v.decided_at,
    convert_from(v.body, 'UTF8')::jsonb
  FROM unnest(
    CAST(:job_ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
    CAST(:outcomes AS text[]), CAST(:event_ids AS uuid[]), CAST(:causes AS text[]),
    CAST(:moments AS timestamptz[]), CAST(:outbox_bodies AS bytea[])
  ) AS v(job_id, tenant, generator, outcome, event_id, caused_by, decided_at, body)
  ON CONFLICT (job_id) DO NOTHING
  RETURNING job_id, event_id
), said AS (
  INSERT INTO outbox ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_COLUMNS} FROM {OUTBOX_ROWS} JOIN given ON given.event_id::text = o.message_id
)
SELECT job_id FROM given
""")


class VerdictRepository:
    """Verdicts, on an open transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        """Write the verdicts on jobs that have none yet, and their final events with them.

        Answers those jobs. Rows are written in the order of their keys, so that two processes with
        the same jobs wait for each other instead of blocking each other.
        """
        ordered = sorted(verdicts, key=lambda verdict: verdict.job_id)
        events = [verdict.event for verdict in ordered]
        parameters = outbox_parameters(events) | {
            "job_ids": [verdict.job_id for verdict in ordered],
            "tenants": [event.tenant for event in events],
            "generators": [verdict.generator for verdict in ordered],
            "outcomes": [verdict.outcome.value for verdict in ordered],
            "event_ids": [UUID(event.id) for event in events],
            "causes": [verdict.caused_by for verdict in ordered],
            "moments": [event.time for event in events],
        }
        return set((await self._connection.execute(_ADD, parameters)).scalars())
