"""The queue of webhooks: what is due, whose it is to send, and what became of each call.

A claim is a lease: `due_at` is put off to its end, so that what a dead process had is due again.
Everything is claimed by lanes (an endpoint, or a host that requests name), so that a lane with
any number of deliveries costs the others one look at an index.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.notifier.models import Claim, Due, LaneNews, Outcome, Standing
from shared.database.connection import Connection

_ADD = text("""
INSERT INTO webhook_delivery (id, lane, tenant, endpoint_id, url, event_id, event_type, job_id,
  generator, status, due_at, created_at, finished_at)
SELECT d.id, d.lane, d.tenant, d.endpoint_id, coalesce(e.url, d.url), d.event_id, d.event_type,
  d.job_id, d.generator, CASE WHEN e.enabled IS FALSE THEN 'skipped' ELSE 'pending' END, now(),
  now(), CASE WHEN e.enabled IS FALSE THEN now() END
FROM unnest(CAST(:ids AS uuid[]), CAST(:lanes AS uuid[]), CAST(:tenants AS text[]),
  CAST(:endpoint_ids AS uuid[]), CAST(:urls AS text[]), CAST(:event_ids AS text[]),
  CAST(:event_types AS text[]), CAST(:job_ids AS uuid[]), CAST(:generators AS text[])
) AS d(id, lane, tenant, endpoint_id, url, event_id, event_type, job_id, generator)
LEFT JOIN webhook_endpoint AS e ON e.id = d.endpoint_id
WHERE d.endpoint_id IS NULL OR e.id IS NOT NULL
""")

# Nothing is locked while lanes are looked through. Who comes second for a row finds it leased when
# it is his turn with it, and goes without: an ordered lane never has two calls under way.
_CLAIM = text("""
WITH RECURSIVE lanes AS (
  (SELECT lane FROM webhook_delivery WHERE status = 'pending' ORDER BY lane LIMIT 1)
  UNION ALL
  SELECT (SELECT d.lane FROM webhook_delivery AS d WHERE d.status = 'pending' AND d.lane > l.lane
          ORDER BY d.lane LIMIT 1)
  FROM lanes AS l WHERE l.lane IS NOT NULL
), open AS (
  SELECT l.lane, coalesce(e.ordered, false) AS ordered,
    CASE WHEN e.ordered OR coalesce(h.failures, 0) >= CAST(:breaker AS int) THEN 1
      ELSE CAST(:per_lane AS int) END - coalesce(b.calls, 0) AS room
  FROM lanes AS l
  LEFT JOIN webhook_lane AS h ON h.lane = l.lane
  LEFT JOIN webhook_endpoint AS e ON e.id = l.lane
  LEFT JOIN unnest(CAST(:busy_lanes AS uuid[]), CAST(:busy_calls AS int[])) AS b(lane, calls)
    ON b.lane = l.lane
  WHERE l.lane IS NOT NULL AND (h.held_until IS NULL OR h.held_until <= now())
    AND e.enabled IS NOT FALSE
), wanted AS (
  SELECT d.id, d.place FROM open AS o CROSS JOIN LATERAL (
    SELECT id, row_number() OVER (ORDER BY due_at) AS place FROM webhook_delivery
    WHERE lane = o.lane AND status = 'pending' AND due_at <= now()
    ORDER BY due_at LIMIT greatest(o.room, 0)
  ) AS d WHERE NOT o.ordered
  UNION ALL
  SELECT d.id, 1 FROM open AS o CROSS JOIN LATERAL (
    SELECT id FROM webhook_delivery WHERE lane = o.lane AND status = 'pending' ORDER BY id LIMIT 1
  ) AS d WHERE o.ordered AND o.room > 0
), taken AS MATERIALIZED (
  SELECT d.id FROM webhook_delivery AS d JOIN wanted AS w ON w.id = d.id
  WHERE d.status = 'pending' AND d.due_at <= now()
  ORDER BY w.place, d.due_at LIMIT CAST(:room AS int) FOR UPDATE OF d SKIP LOCKED
)
UPDATE webhook_delivery AS d SET lease = CAST(:lease AS uuid),
  due_at = now() + make_interval(secs => CAST(:seconds AS float8))
FROM taken AS t
JOIN webhook_delivery AS s ON s.id = t.id
LEFT JOIN verdict AS v ON v.job_id = s.job_id
LEFT JOIN webhook_endpoint AS e ON e.id = s.endpoint_id
LEFT JOIN webhook_secret AS w ON w.tenant = s.tenant AND s.endpoint_id IS NULL
WHERE d.id = t.id
RETURNING d.id, d.lane, d.tenant, d.endpoint_id, coalesce(e.url, d.url) AS url, d.event_id, d.tries,
  coalesce(v.body, '') AS body, coalesce(e.secret, w.secret) AS secret,
  CASE WHEN coalesce(e.previous_until, w.previous_until) > now()
    THEN coalesce(e.previous_secret, w.previous_secret) END AS previous
""")

_RECORD = text("""
WITH said AS (
  SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:leases AS uuid[]), CAST(:statuses AS text[]),
    CAST(:pauses AS float8[]), CAST(:answered AS int[]), CAST(:codes AS text[]),
    CAST(:errors AS text[]), CAST(:started AS timestamptz[]), CAST(:durations AS int[]),
    CAST(:answers AS text[])
  ) AS s(id, lease, status, pause, answered, code, error, started_at, duration, answer)
), done AS (
  UPDATE webhook_delivery AS d SET status = s.status, lease = NULL, tries = tries + 1,
    attempts = attempts + 1, last_status = s.answered, last_error = s.error,
    due_at = now() + make_interval(secs => s.pause),
    finished_at = CASE WHEN s.status <> 'pending' THEN now() END
  FROM said AS s WHERE d.id = s.id AND d.lease = s.lease AND d.status = 'pending'
  RETURNING d.id, d.attempts
)
INSERT INTO webhook_attempt (delivery_id, number, started_at, duration_ms, status, error_code,
  error, answer)
SELECT id, attempts, started_at, duration, answered, code, error, answer
FROM done JOIN said USING (id) RETURNING delivery_id
""")

# Whoever writes about several lanes at once locks them in one order.
_LOCK = text("""
SELECT lane FROM webhook_lane WHERE lane = ANY(CAST(:lanes AS uuid[])) ORDER BY lane FOR UPDATE
""")
_WELL = text("""
WITH open AS (DELETE FROM webhook_lane WHERE lane = ANY(CAST(:lanes AS uuid[])))
UPDATE webhook_endpoint SET failing_since = NULL WHERE id IN (
  SELECT id FROM webhook_endpoint
  WHERE id = ANY(CAST(:lanes AS uuid[])) AND failing_since IS NOT NULL ORDER BY id FOR UPDATE)
""")
_ILL = text("""
WITH news AS (
  SELECT * FROM unnest(CAST(:lanes AS uuid[]), CAST(:failures AS int[])) AS n(lane, failures)
), held AS (
  INSERT INTO webhook_lane AS l (lane, failures, held_until)
  SELECT lane, failures, CASE WHEN failures >= CAST(:breaker AS int)
    THEN now() + make_interval(secs => CAST(:hold AS float8)) END FROM news ORDER BY lane
  ON CONFLICT (lane) DO UPDATE SET failures = l.failures + excluded.failures,
    held_until = CASE WHEN l.failures + excluded.failures >= CAST(:breaker AS int)
      THEN now() + make_interval(secs => CAST(:hold AS float8)) END
), ill AS (
  UPDATE webhook_endpoint SET failing_since = coalesce(failing_since, now()) WHERE id IN (
    SELECT id FROM webhook_endpoint WHERE id = ANY(CAST(:lanes AS uuid[])) ORDER BY id FOR UPDATE)
  RETURNING id, enabled, failing_since
)
SELECT id FROM ill
WHERE enabled AND failing_since <= now() - make_interval(secs => CAST(:patience AS float8))
""")
_DROP = text("""
UPDATE webhook_delivery SET status = 'skipped', lease = NULL, finished_at = now(),
  last_error = :why
WHERE id = :id AND lease = CAST(:lease AS uuid)
""")
_STANDING = text("""
SELECT (SELECT count(*) FROM webhook_delivery WHERE status = 'pending') AS pending,
  count(*) AS due, coalesce(extract(epoch FROM now() - min(due_at)), 0) AS oldest,
  (SELECT count(*) FROM webhook_endpoint WHERE disabled_reason IN ('gone', 'failing')) AS disabled
FROM webhook_delivery AS d WHERE status = 'pending' AND due_at <= now() AND NOT EXISTS (
  SELECT FROM webhook_lane AS l WHERE l.lane = d.lane AND l.held_until > now())
""")
_SWEEP = text("""
DELETE FROM webhook_delivery WHERE id IN (
  SELECT id FROM webhook_delivery
  WHERE status <> 'pending' AND finished_at < now() - make_interval(days => CAST(:days AS int))
    AND (status = 'delivered'
      OR finished_at < now() - make_interval(days => 3 * CAST(:days AS int)))
  ORDER BY finished_at LIMIT CAST(:limit AS int) FOR UPDATE SKIP LOCKED
)
""")


@dataclass(frozen=True, slots=True)
class Manners:
    """How much is sent at once, and when a lane is left alone for a while."""

    per_lane: int
    lease: timedelta
    breaker: int
    hold: timedelta
    patience: timedelta


class DeliveryRepository:
    """The queue, on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, due: Sequence[Due]) -> None:
        """These are due now; those of a disabled endpoint are kept as skipped."""
        await self._connection.execute(
            _ADD,
            {
                "ids": [one.id for one in due],
                "lanes": [one.lane for one in due],
                "tenants": [one.verdict.event.tenant for one in due],
                "endpoint_ids": [one.endpoint_id for one in due],
                "urls": [_storable(one.url) for one in due],
                "event_ids": [one.verdict.event.id for one in due],
                "event_types": [one.event_type for one in due],
                "job_ids": [one.verdict.job_id for one in due],
                "generators": [one.verdict.generator for one in due],
            },
        )

    async def claim(
        self, lease: UUID, room: int, busy: Mapping[UUID, int], manners: Manners
    ) -> list[Claim]:
        """Up to `room` that are due, fair between lanes; `busy` are the calls under way in each."""
        parameters = {
            "lease": lease,
            "room": room,
            "busy_lanes": list(busy),
            "busy_calls": list(busy.values()),
            "per_lane": manners.per_lane,
            "breaker": manners.breaker,
            "seconds": manners.lease.total_seconds(),
        }
        rows = await self._connection.execute(_CLAIM, parameters)
        return [_claim(row, lease) for row in rows]

    async def record(self, outcomes: Sequence[Outcome]) -> set[UUID]:
        """What became of calls. Answers whose lease still held: others are somebody else's now."""
        calls = [one.call for one in outcomes]
        parameters = {
            "ids": [one.claim.id for one in outcomes],
            "leases": [one.claim.lease for one in outcomes],
            "statuses": [one.status.value for one in outcomes],
            "pauses": [one.pause.total_seconds() for one in outcomes],
            "answered": [call.status for call in calls],
            "codes": [call.error_code for call in calls],
            "errors": [_storable(call.error) if call.error else None for call in calls],
            "started": [call.started_at for call in calls],
            "durations": [round(call.seconds * 1000) for call in calls],
            "answers": [_storable(call.answer) for call in calls],
        }
        return set((await self._connection.execute(_RECORD, parameters)).scalars())

    async def note(self, news: Sequence[LaneNews], manners: Manners) -> frozenset[UUID]:
        """How lanes do. Answers those where nothing has got there for longer than any patience."""
        await self._connection.execute(_LOCK, {"lanes": [one.lane for one in news]})
        if well := [one.lane for one in news if one.reached]:
            await self._connection.execute(_WELL, {"lanes": well})
        if not (ill := [one for one in news if one.failures]):
            return frozenset()
        parameters = {
            "lanes": [one.lane for one in ill],
            "failures": [one.failures for one in ill],
            "breaker": manners.breaker,
            "hold": manners.hold.total_seconds(),
            "patience": manners.patience.total_seconds(),
        }
        return frozenset((await self._connection.execute(_ILL, parameters)).scalars())

    async def drop(self, claim: Claim, why: str) -> None:
        """There is nothing to be sent any more."""
        told = {"id": claim.id, "lease": claim.lease, "why": why}
        await self._connection.execute(_DROP, told)

    async def standing(self) -> Standing:
        """How the queue stands; what is held back on purpose is not late."""
        row = (await self._connection.execute(_STANDING)).one()
        return Standing(row.pending, row.due, max(0.0, float(row.oldest)), row.disabled)

    async def sweep(self, days: int, limit: int) -> int:
        """Forget what was delivered so long ago, and the rest three times as long ago."""
        told = {"days": days, "limit": limit}
        return (await self._connection.execute(_SWEEP, told)).rowcount


def _claim(row: Any, lease: UUID) -> Claim:
    return Claim(
        id=row.id,
        lease=lease,
        lane=row.lane,
        tenant=row.tenant,
        endpoint_id=row.endpoint_id,
        url=row.url,
        event_id=row.event_id,
        body=row.body,
        secrets=tuple(filter(None, (row.secret, row.previous))),
        tries=row.tries,
    )


def _storable(text: str) -> str:
    """Postgres cannot hold U+0000."""
    return text.replace("\0", "\ufffd")
