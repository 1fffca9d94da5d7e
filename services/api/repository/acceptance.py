"""Accepting requests: jobs, keys, event log and outbox of a whole batch in one statement."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.models import EarlierUse, NewRequest
from services.api.repository.rows import JOB_COLUMNS, job_from
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb, to_jsonb_or_null
from shared.messaging.outbox import OUTBOX_COLUMNS, OUTBOX_ROWS, OUTBOX_VALUES, Bundle

# Keys are taken in one order by every process, or two batches could wait for each other.
# The log's body is the outbox's: encoded once.
_ACCEPT = text(f"""
WITH asked AS (
  SELECT * FROM unnest(
    CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
    CAST(:lanes AS text[]), CAST(:inputs AS text[]), CAST(:metadatas AS text[]),
    CAST(:webhooks AS text[]), CAST(:correlation_ids AS text[]),
    CAST(:created_ats AS timestamptz[]), CAST(:max_attempts AS int[]),
    CAST(:attempt_timeouts AS int[]), CAST(:total_timeouts AS int[]),
    CAST(:deadline_ats AS timestamptz[]), CAST(:finish_bys AS timestamptz[]),
    CAST(:expires_ins AS int[]), CAST(:retried_froms AS uuid[]), CAST(:keys AS text[]),
    CAST(:fingerprints AS text[]), CAST(:key_expiries AS timestamptz[])
  ) AS a(id, tenant, generator, lane, input, metadata, webhook, correlation_id, created_at,
    max_attempts, attempt_timeout_seconds, total_timeout_seconds, deadline_at, finish_by,
    expires_in, retried_from, key, fingerprint, key_expires_at)
), fresh AS (
  INSERT INTO idempotency_key AS k (tenant, key, fingerprint, job_id, expires_at)
  SELECT tenant, key, fingerprint, id, key_expires_at FROM asked WHERE key IS NOT NULL
    ORDER BY tenant, key
  ON CONFLICT (tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint,
    job_id = excluded.job_id, expires_at = excluded.expires_at
    WHERE k.expires_at <= now()
  RETURNING job_id
), accepted AS (
  INSERT INTO job (id, tenant, generator, lane, status, version, input, metadata, webhook,
    correlation_id, created_at, updated_at, max_attempts, attempt_timeout_seconds,
    total_timeout_seconds, deadline_at, finish_by, expires_in, retried_from)
  SELECT id, tenant, generator, lane, 'queued', 0, CAST(input AS jsonb), CAST(metadata AS jsonb),
    CAST(webhook AS jsonb), correlation_id, created_at, created_at, max_attempts,
    attempt_timeout_seconds, total_timeout_seconds, deadline_at, finish_by, expires_in, retried_from
  FROM asked WHERE key IS NULL OR id IN (SELECT job_id FROM fresh)
  RETURNING id, tenant, created_at
), said AS (
  SELECT o.*, a.id, a.tenant, a.created_at FROM {OUTBOX_ROWS}
  JOIN accepted AS a ON a.id = CAST(o.subject AS uuid)
), relayed AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_VALUES} FROM said AS o HAVING count(*) > 0
), logged AS (
  INSERT INTO job_event (event_id, job_id, tenant, type, version, time, body)
  SELECT message_id, id, tenant, type, 0, created_at,
    convert_from(body, 'UTF8') FROM said
)
SELECT id FROM accepted
""")

_EARLIER = text(f"""
SELECT k.tenant AS key_tenant, k.key, k.fingerprint, job.* FROM unnest(
  CAST(:tenants AS text[]), CAST(:keys AS text[])) AS wanted(tenant, key)
JOIN idempotency_key AS k USING (tenant, key)
JOIN (SELECT {JOB_COLUMNS} FROM job) AS job ON job.id = k.job_id
WHERE k.expires_at > now()
""")

_FORGET = text("""
DELETE FROM idempotency_key WHERE (tenant, key) IN (
  SELECT tenant, key FROM idempotency_key WHERE expires_at <= now()
  ORDER BY tenant, key LIMIT :limit FOR UPDATE SKIP LOCKED)
""")


class AcceptanceRepository:
    """Requests on their way in, and the keys that make them idempotent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, requests: Sequence[NewRequest]) -> set[UUID]:
        """Write all whose key is new or has expired; answers the ids that were written.

        No two of `requests` may have the same tenant and key.
        """
        bundle = Bundle.of(request.requested for request in requests)
        parameters = _parameters(requests) | bundle.parameters(self._connection)
        accepted = set((await self._connection.execute(_ACCEPT, parameters)).scalars())
        said = {one.requested.id for one in requests if one.job.id in accepted}
        bundle.hand_over(self._connection, said)
        return accepted

    async def find_earlier(
        self, keys: Iterable[tuple[str, str]]
    ) -> dict[tuple[str, str], EarlierUse]:
        """What these (tenant, key) were first used for, where that is not too long ago."""
        wanted = list(keys)
        rows = await self._connection.execute(
            _EARLIER,
            {"tenants": [tenant for tenant, _ in wanted], "keys": [key for _, key in wanted]},
        )
        return {
            (row["key_tenant"], row["key"]): EarlierUse(row["fingerprint"], job_from(row))
            for row in rows.mappings()
        }

    async def forget_expired(self, limit: int = 10_000) -> int:
        """Delete keys whose time is over. Answers how many."""
        result = await self._connection.execute(_FORGET, {"limit": limit})
        return int(result.rowcount)


def _parameters(requests: Sequence[NewRequest]) -> dict[str, Any]:
    jobs = [request.job for request in requests]
    keys = [request.key for request in requests]
    return {
        "ids": [job.id for job in jobs],
        "tenants": [job.tenant for job in jobs],
        "generators": [job.generator for job in jobs],
        "lanes": [job.lane for job in jobs],
        "inputs": [to_jsonb(job.input) for job in jobs],
        "metadatas": [to_jsonb(job.metadata) for job in jobs],
        "webhooks": [to_jsonb_or_null(job.webhook) for job in jobs],
        "correlation_ids": [job.correlation_id for job in jobs],
        "created_ats": [job.created_at for job in jobs],
        "max_attempts": [job.max_attempts for job in jobs],
        "attempt_timeouts": [job.attempt_timeout_seconds for job in jobs],
        "total_timeouts": [job.total_timeout_seconds for job in jobs],
        "deadline_ats": [job.deadline_at for job in jobs],
        "finish_bys": [job.finish_by for job in jobs],
        "expires_ins": [job.expires_in for job in jobs],
        "retried_froms": [job.retried_from for job in jobs],
        "keys": [key.key if key else None for key in keys],
        "fingerprints": [key.fingerprint if key else None for key in keys],
        "key_expiries": [key.expires_at if key else None for key in keys],
    }
