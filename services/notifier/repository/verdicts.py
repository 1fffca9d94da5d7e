"""Verdicts: one a job, said exactly when it is given."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.notifier.models import Verdict
from services.notifier.repository.bodies import storable
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb
from shared.events import decode
from shared.messaging.outbox import OUTBOX_COLUMNS, OUTBOX_ROWS, OUTBOX_VALUES, Bundle, Outbox

# After it every proposed job has a verdict, this one or an older one: whatever is pending is moot.
# Pending rows that somebody else holds are left to him, or to the next look at what is overdue.
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
  ORDER BY v.job_id
  ON CONFLICT (job_id) DO NOTHING
  RETURNING job_id, event_id
), said AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_VALUES} FROM {OUTBOX_ROWS} JOIN given ON given.event_id::text = o.message_id
  HAVING count(*) > 0
), moot AS MATERIALIZED (
  SELECT job_id, kind FROM pending_end WHERE job_id = ANY(CAST(:job_ids AS uuid[]))
  FOR UPDATE SKIP LOCKED
), settled AS (
  DELETE FROM pending_end AS p USING moot WHERE p.job_id = moot.job_id AND p.kind = moot.kind
)
SELECT job_id FROM given
""")

_GIVEN = text("SELECT body FROM verdict WHERE job_id = ANY(CAST(:job_ids AS uuid[]))")


class VerdictRepository:
    """Verdicts, on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        """Write the verdicts on jobs that have none yet, and their final events with them.

        Answers those jobs. What was pending about any of the jobs is settled, and removed. Rows are
        written in the order of their keys, so that two processes with the same jobs wait for each
        other instead of blocking each other.
        """
        if not verdicts:
            return set()
        bundle = _storable(Bundle.of(verdict.event for verdict in verdicts))
        parameters = _parameters(verdicts) | bundle.parameters(self._connection)
        given = set((await self._connection.execute(_ADD, parameters)).scalars())
        said = {verdict.event.id for verdict in verdicts if verdict.job_id in given}
        bundle.hand_over(self._connection, said)
        return given

    async def say_again(self, job_ids: Sequence[UUID]) -> None:
        """Say the final events of those jobs that have their verdict, as they were, once more."""
        if not job_ids:
            return
        given = await self._connection.execute(_GIVEN, {"job_ids": list(job_ids)})
        events = [decode(to_jsonb(body).encode()) for body in given.scalars()]
        await Outbox(self._connection).add(events)


def _parameters(verdicts: Sequence[Verdict]) -> dict[str, Sequence[Any]]:
    events = [verdict.event for verdict in verdicts]
    return {
        "job_ids": [verdict.job_id for verdict in verdicts],
        "tenants": [event.tenant for event in events],
        "generators": [verdict.generator for verdict in verdicts],
        "outcomes": [verdict.outcome.value for verdict in verdicts],
        "event_ids": [UUID(event.id) for event in events],
        "causes": [verdict.caused_by for verdict in verdicts],
        "moments": [event.time for event in events],
    }


def _storable(bundle: Bundle) -> Bundle:
    messages = [replace(message, body=storable(message.body)) for message in bundle.messages]
    return replace(bundle, messages=messages)
