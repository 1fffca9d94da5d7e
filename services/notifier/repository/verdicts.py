"""Verdicts: one a job, said exactly when it is given."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.notifier.models import Verdict
from services.notifier.repository.bodies import storable
from shared.database.columns import filled, once_if_same
from shared.database.connection import Connection
from shared.events import decode
from shared.messaging.outbox import (
    OUTBOX_BUNDLE,
    OUTBOX_COLUMNS,
    OUTBOX_ROWS,
    OUTBOX_VALUES,
    Bundle,
    Outbox,
)

# Where all verdicts are given, as nearly always, their bundle needs no look at each message.
# After it every proposed job has a verdict, this one or an older one: whatever is pending is moot.
# Pending rows that somebody else holds are left to him, or to the next look at what is overdue.
_ADD = text(f"""
WITH given AS (
  INSERT INTO verdict (job_id, tenant, generator, outcome, event_id, caused_by, decided_at, body)
  SELECT v.job_id, {filled("v.tenant", "tenants", "text")},
    {filled("v.generator", "generators", "text")}, {filled("v.outcome", "outcomes", "text")},
    CAST(v.event_id AS uuid), v.caused_by, {filled("v.decided_at", "moments", "timestamptz")},
    convert_from(v.body, 'UTF8')
  FROM unnest(
    CAST(:job_ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
    CAST(:outcomes AS text[]), CAST(:outbox_message_ids AS text[]), CAST(:causes AS text[]),
    CAST(:moments AS timestamptz[]), CAST(:outbox_bodies AS bytea[])
  ) AS v(job_id, tenant, generator, outcome, event_id, caused_by, decided_at, body)
  ORDER BY v.job_id
  ON CONFLICT (job_id) DO NOTHING
  RETURNING job_id, event_id
), counted AS (
  SELECT count(*) = CAST(:proposed AS int) AS complete FROM given
), said AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_BUNDLE} WHERE (SELECT complete FROM counted)
  UNION ALL (
    SELECT {OUTBOX_VALUES} FROM {OUTBOX_ROWS} JOIN given ON given.event_id::text = o.message_id
    WHERE NOT (SELECT complete FROM counted) HAVING count(*) > 0
  )
), settled AS (
  DELETE FROM pending_end WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM pending_end WHERE job_id = ANY(CAST(:job_ids AS uuid[]))
    FOR UPDATE SKIP LOCKED
  ))
)
SELECT CASE WHEN NOT complete THEN ARRAY(SELECT job_id FROM given) END FROM counted
""")

_GIVEN = text("""
SELECT body FROM verdict WHERE job_id = ANY(CAST(:job_ids AS uuid[])) AND body <> ''
""")

# Locked in the order of everybody: what is pending first, then verdicts by their keys.
_FORGET_PENDING = text("""
DELETE FROM pending_end WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM pending_end WHERE job_id = ANY(CAST(:job_ids AS uuid[]))
  ORDER BY job_id, kind FOR UPDATE
))
""")
_FORGET = text("""
WITH held AS MATERIALIZED (
  SELECT job_id FROM verdict WHERE job_id = ANY(CAST(:job_ids AS uuid[]))
  ORDER BY job_id FOR UPDATE
)
UPDATE verdict SET body = '' FROM held WHERE verdict.job_id = held.job_id AND body <> ''
""")


class VerdictRepository:
    """Verdicts, on an open transaction, or each call alone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        """Write the verdicts on jobs that have none yet, and their final events with them.

        Answers those that were given. What was pending about any of the jobs is settled, and
        removed. Rows are written in the order of their keys, so that two processes with the same
        jobs wait for each other instead of blocking each other.
        """
        if not verdicts:
            return []
        bundle = _storable(Bundle.of([verdict.event for verdict in verdicts]))
        parameters = _parameters(verdicts) | bundle.parameters(self._connection)
        job_ids: list[UUID] | None
        job_ids = (await self._connection.execute(_ADD, parameters)).scalar_one()
        if job_ids is None:
            bundle.hand_over(self._connection)
            return verdicts
        given = [verdict for verdict in verdicts if verdict.job_id in job_ids]
        bundle.hand_over(self._connection, {verdict.event.id for verdict in given})
        return given

    async def say_again(self, job_ids: Sequence[UUID]) -> None:
        """Say the final events of those jobs that have their verdict, as they were, once more.

        Of those that were forgotten nothing is left to be said.
        """
        if not job_ids:
            return
        given = await self._connection.execute(_GIVEN, {"job_ids": list(job_ids)})
        await Outbox(self._connection).add([decode(body.encode()) for body in given.scalars()])

    async def forget(self, job_ids: Sequence[UUID]) -> None:
        """Keep that these jobs have their verdict, and nothing of what was said about them."""
        told = {"job_ids": list(job_ids)}
        await self._connection.execute(_FORGET_PENDING, told)
        await self._connection.execute(_FORGET, told)


def _parameters(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    events = [verdict.event for verdict in verdicts]
    return {
        "proposed": len(events),
        "job_ids": [verdict.job_id for verdict in verdicts],
        "tenants": once_if_same([event.tenant for event in events]),
        "generators": once_if_same([verdict.generator for verdict in verdicts]),
        "outcomes": once_if_same([verdict.outcome for verdict in verdicts]),
        "causes": [verdict.caused_by for verdict in verdicts],
        "moments": once_if_same([event.time for event in events]),
    }


def _storable(bundle: Bundle) -> Bundle:
    for message in bundle.messages:
        message.body = storable(message.body)
    return bundle
