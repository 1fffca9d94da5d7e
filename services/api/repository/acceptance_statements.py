"""How a batch of requests is written: jobs, keys, event log and outbox in one statement.

Events and jobs come in the same order, and the log's body is the outbox's: encoded once.
"""

from sqlalchemy import text

from shared.database.columns import filled
from shared.messaging.outbox import OUTBOX_BUNDLE, OUTBOX_COLUMNS, OUTBOX_ROWS, OUTBOX_VALUES

_TENANT = filled("tenant", "tenants", "text")
_ACCEPTED = f"""
  INSERT INTO job (id, tenant, generator, lane, status, version, input, metadata, webhook,
    correlation_id, created_at, updated_at, max_attempts, attempt_timeout_seconds,
    total_timeout_seconds, deadline_at, finish_by, expires_in, retried_from, overflow)
  SELECT id, {_TENANT}, {filled("generator", "generators", "text")},
    {filled("lane", "lanes", "text")}, 'queued', 0, CAST(input AS jsonb),
    CAST({filled("metadata", "metadatas", "text")} AS jsonb), CAST(webhook AS jsonb),
    correlation_id, created_at, created_at, {filled("max_attempts", "max_attempts", "int")},
    attempt_timeout_seconds, total_timeout_seconds, deadline_at, finish_by, expires_in,
    retried_from, {filled("overflow", "overflows", "boolean")}
  FROM unnest(
    CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:generators AS text[]),
    CAST(:lanes AS text[]), CAST(:inputs AS text[]), CAST(:metadatas AS text[]),
    CAST(:webhooks AS text[]), CAST(:correlation_ids AS text[]),
    CAST(:created_ats AS timestamptz[]), CAST(:max_attempts AS int[]),
    CAST(:attempt_timeouts AS int[]), CAST(:total_timeouts AS int[]),
    CAST(:deadline_ats AS timestamptz[]), CAST(:finish_bys AS timestamptz[]),
    CAST(:expires_ins AS int[]), CAST(:retried_froms AS uuid[]), CAST(:overflows AS boolean[])
  ) AS a(id, tenant, generator, lane, input, metadata, webhook, correlation_id, created_at,
    max_attempts, attempt_timeout_seconds, total_timeout_seconds, deadline_at, finish_by,
    expires_in, retried_from, overflow)"""

_LOGGED = f"""
  INSERT INTO job_event (event_id, job_id, tenant, type, version, time, body)
  SELECT message_id, id, {_TENANT}, {filled("type", "outbox_types", "text")}, 0, created_at,
    convert_from(body, 'UTF8')
  FROM unnest(
    CAST(:outbox_message_ids AS text[]), CAST(:ids AS uuid[]), CAST(:tenants AS text[]),
    CAST(:outbox_types AS text[]), CAST(:created_ats AS timestamptz[]),
    CAST(:outbox_bodies AS bytea[])
  ) AS e(message_id, id, tenant, type, created_at, body)"""

_RELAYED = f"""
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS}) SELECT {OUTBOX_BUNDLE}"""

ACCEPT = text(f"""
WITH relayed AS ({_RELAYED}
), logged AS ({_LOGGED}
)
{_ACCEPTED}
""")
"""For requests without keys: all are accepted."""

_IS_NEW = "id <> ALL (CAST((SELECT ids FROM used) AS uuid[]))"

ACCEPT_KEYS = text(f"""
WITH fresh AS (
  INSERT INTO idempotency_key AS k (tenant, key, fingerprint, job_id, expires_at)
  SELECT * FROM unnest(
    CAST(:key_tenants AS text[]), CAST(:keys AS text[]), CAST(:fingerprints AS text[]),
    CAST(:key_ids AS uuid[]), CAST(:key_expiries AS timestamptz[]))
  ON CONFLICT (tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint,
    job_id = excluded.job_id, expires_at = excluded.expires_at
    WHERE k.expires_at <= now()
  RETURNING job_id
), used AS MATERIALIZED (
  SELECT coalesce(array_agg(k.id), '{{}}') AS ids FROM unnest(CAST(:key_ids AS uuid[])) AS k(id)
  WHERE k.id NOT IN (SELECT job_id FROM fresh)
), relayed AS ({_RELAYED} WHERE (SELECT ids = '{{}}' FROM used)
), relayed_in_part AS (
  INSERT INTO outbox_bundle ({OUTBOX_COLUMNS})
  SELECT {OUTBOX_VALUES} FROM {OUTBOX_ROWS},
    LATERAL (SELECT CAST(o.subject AS uuid) AS id) AS job
  WHERE (SELECT ids <> '{{}}' FROM used) AND {_IS_NEW}
  HAVING count(*) > 0
), logged AS ({_LOGGED} WHERE {_IS_NEW}
), accepted AS ({_ACCEPTED} WHERE {_IS_NEW}
)
SELECT unnest(ids) FROM used
""")
"""Some have keys: those whose key is used already are left out, and answered.

Nearly always there is none: then the outbox takes the arrays as they are. Keys come in one order
from every process, or two batches could wait for each other.
"""
