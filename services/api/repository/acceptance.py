"""Accepting requests: jobs, keys, event log and outbox of a whole batch in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.models import EarlierUse, Job, KeyUse, NewRequest
from services.api.repository.acceptance_statements import ACCEPT, ACCEPT_KEYS
from services.api.repository.rows import JOB_COLUMNS, job_from
from shared.database.columns import once_if_absent, once_if_same
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb, to_jsonb_or_null
from shared.messaging.outbox import Bundle
from shared.messaging.outgoing import outgoing

_EARLIER = text(f"""
SELECT k.tenant AS key_tenant, k.key, k.fingerprint, job.* FROM unnest(
  CAST(:tenants AS text[]), CAST(:keys AS text[])) AS wanted(tenant, key)
JOIN idempotency_key AS k USING (tenant, key)
LEFT JOIN (SELECT {JOB_COLUMNS} FROM job) AS job ON job.id = k.job_id
WHERE k.expires_at > now()
""")

_REMEMBER = text("""
INSERT INTO idempotency_key (tenant, key, fingerprint, job_id, expires_at)
VALUES (:tenant, :key, :fingerprint, :job_id, :expires_at)
ON CONFLICT (tenant, key) DO UPDATE SET expires_at = excluded.expires_at
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
        bundle = _bundle(requests)
        parameters = _parameters(requests) | bundle.parameters(self._connection)
        accepted = {request.job.id for request in requests}
        if keyed := _keyed(requests):
            result = await self._connection.execute(ACCEPT_KEYS, parameters | keyed)
            accepted.difference_update(result.scalars())
        else:
            await self._connection.execute(ACCEPT, parameters)
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
            (row["key_tenant"], row["key"]): EarlierUse(
                row["fingerprint"], None if row["id"] is None else job_from(row)
            )
            for row in rows.mappings()
        }

    async def remember(self, job: Job, use: KeyUse) -> None:
        """That the key was used for a job that is there already."""
        told = {"tenant": job.tenant, "job_id": job.id, **asdict(use)}
        await self._connection.execute(_REMEMBER, told)

    async def forget_expired(self, limit: int = 10_000) -> int:
        """Delete keys whose time is over. Answers how many."""
        result = await self._connection.execute(_FORGET, {"limit": limit})
        return int(result.rowcount)


def _bundle(requests: Sequence[NewRequest]) -> Bundle:
    messages = [outgoing(one.requested, overflow=one.overflow) for one in requests]
    return Bundle(messages, [one.requested.subject for one in requests])


def _parameters(requests: Sequence[NewRequest]) -> dict[str, Any]:
    jobs = [request.job for request in requests]
    return {
        "ids": [job.id for job in jobs],
        "tenants": once_if_same([job.tenant for job in jobs]),
        "generators": once_if_same([job.generator for job in jobs]),
        "lanes": once_if_same([job.lane for job in jobs]),
        "inputs": [to_jsonb(job.input) for job in jobs],
        "metadatas": once_if_same([to_jsonb(job.metadata) for job in jobs]),
        "webhooks": once_if_absent([to_jsonb_or_null(job.webhook) for job in jobs]),
        "correlation_ids": [job.correlation_id for job in jobs],
        "created_ats": [job.created_at for job in jobs],
        "max_attempts": once_if_same([job.max_attempts for job in jobs]),
        "attempt_timeouts": once_if_absent([job.attempt_timeout_seconds for job in jobs]),
        "total_timeouts": once_if_absent([job.total_timeout_seconds for job in jobs]),
        "deadline_ats": once_if_absent([job.deadline_at for job in jobs]),
        "finish_bys": [job.finish_by for job in jobs],
        "expires_ins": once_if_absent([job.expires_in for job in jobs]),
        "retried_froms": once_if_absent([job.retried_from for job in jobs]),
        "overflows": once_if_same([request.overflow for request in requests]),
    }


def _keyed(requests: Sequence[NewRequest]) -> dict[str, Any]:
    """The parameters about keys, by tenant and key; empty where no request has one."""
    keyed = [(request.job.tenant, request.key, request.job.id) for request in requests]
    uses = sorted((tenant, key.key, job_id, key) for tenant, key, job_id in keyed if key)
    return (
        {}
        if not uses
        else {
            "key_tenants": [use[0] for use in uses],
            "keys": [use[1] for use in uses],
            "key_ids": [use[2] for use in uses],
            "fingerprints": [use[3].fingerprint for use in uses],
            "key_expiries": [use[3].expires_at for use in uses],
        }
    )
