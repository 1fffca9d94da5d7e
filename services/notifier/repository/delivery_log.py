"""Deliveries as their tenant sees them: listed, looked at, sent again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.notifier.errors import DeliveryNotFoundError
from services.notifier.models import DeliveryFilter
from shared.database.connection import Connection

_COLUMNS = """id, endpoint_id, url, event_id, event_type, job_id, generator, status, attempts,
  due_at, last_status, last_error, created_at, finished_at"""
_LIST = text(f"""
SELECT {_COLUMNS} FROM webhook_delivery WHERE tenant = :tenant
  AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
  AND (CAST(:endpoint_id AS uuid) IS NULL OR endpoint_id = CAST(:endpoint_id AS uuid))
  AND (CAST(:status AS text) IS NULL OR status = CAST(:status AS text))
  AND (CAST(:job_id AS uuid) IS NULL OR job_id = CAST(:job_id AS uuid))
  AND (CAST(:since AS timestamptz) IS NULL OR created_at >= CAST(:since AS timestamptz))
ORDER BY id DESC LIMIT CAST(:limit AS int)
""")
_GET = text(f"""
SELECT {_COLUMNS}, coalesce((SELECT body FROM verdict AS v WHERE v.job_id = d.job_id), '') AS body,
  (SELECT e.enabled FROM webhook_endpoint AS e WHERE e.id = d.endpoint_id) IS FALSE AS disabled
FROM webhook_delivery AS d WHERE id = :id AND tenant = :tenant
""")
_ATTEMPTS = text("""
SELECT number, started_at, duration_ms, status, error_code, error, answer
FROM webhook_attempt WHERE delivery_id = :id ORDER BY id
""")
_AGAIN = "status = 'pending', due_at = now(), lease = NULL, tries = 0, finished_at = NULL"
# Whoever has something sent again says that it is well again.
_RELEASE = text("""
DELETE FROM webhook_lane WHERE lane IN (SELECT id FROM webhook_endpoint WHERE tenant = :tenant
  AND (CAST(:endpoint_id AS uuid) IS NULL OR id = CAST(:endpoint_id AS uuid)))
""")
_REPLAY = text(f"""
UPDATE webhook_delivery SET {_AGAIN} WHERE id = :id AND tenant = :tenant
""")
_REPLAY_MANY = text(f"""
WITH chosen AS MATERIALIZED (
  SELECT d.id FROM webhook_delivery AS d
  LEFT JOIN webhook_endpoint AS e ON e.id = d.endpoint_id
  WHERE d.tenant = :tenant AND d.status = ANY(CAST(:statuses AS text[]))
    AND (CAST(:endpoint_id AS uuid) IS NULL OR d.endpoint_id = CAST(:endpoint_id AS uuid))
    AND (CAST(:since AS timestamptz) IS NULL OR d.created_at >= CAST(:since AS timestamptz))
    AND (CAST(:until AS timestamptz) IS NULL OR d.created_at < CAST(:until AS timestamptz))
    AND e.enabled IS NOT FALSE
  ORDER BY d.id LIMIT CAST(:limit AS int) FOR UPDATE OF d SKIP LOCKED
)
UPDATE webhook_delivery AS d SET {_AGAIN} FROM chosen AS c WHERE d.id = c.id
""")


class DeliveryLogRepository:
    """The log, on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list_by_tenant(
        self, tenant: str, wanted: DeliveryFilter, before: UUID | None, limit: int
    ) -> list[Any]:
        """The newest first, those behind `before`."""
        parameters = {
            "tenant": tenant,
            "before": before,
            "endpoint_id": wanted.endpoint_id,
            "status": wanted.status,
            "job_id": wanted.job_id,
            "since": wanted.since,
            "limit": limit,
        }
        return (await self._connection.execute(_LIST, parameters)).all()

    async def get(self, tenant: str, delivery_id: UUID) -> Any:
        """One, with the body that is sent. Raises `DeliveryNotFoundError`."""
        told = {"tenant": tenant, "id": delivery_id}
        row = (await self._connection.execute(_GET, told)).mappings().one_or_none()
        if row is None:
            raise DeliveryNotFoundError(f"There is no webhook delivery {delivery_id}.")
        return row

    async def list_attempts(self, delivery_id: UUID) -> list[Any]:
        """The calls that were made, the first first."""
        return (await self._connection.execute(_ATTEMPTS, {"id": delivery_id})).all()

    async def replay(self, tenant: str, delivery_id: UUID, endpoint_id: UUID | None) -> None:
        """Send it again, by the schedule from its beginning."""
        await self._release(tenant, endpoint_id)
        await self._connection.execute(_REPLAY, {"tenant": tenant, "id": delivery_id})

    async def replay_many(
        self,
        tenant: str,
        statuses: Sequence[str],
        *,
        endpoint_id: UUID | None,
        since: datetime | None,
        until: datetime | None,
        limit: int,
    ) -> int:
        """The same for up to `limit` of enabled endpoints, the oldest first. Answers how many."""
        parameters = {
            "tenant": tenant,
            "statuses": list(statuses),
            "endpoint_id": endpoint_id,
            "since": since,
            "until": until,
            "limit": limit,
        }
        await self._release(tenant, endpoint_id)
        return (await self._connection.execute(_REPLAY_MANY, parameters)).rowcount

    async def _release(self, tenant: str, endpoint_id: UUID | None) -> None:
        told = {"tenant": tenant, "endpoint_id": endpoint_id}
        await self._connection.execute(_RELEASE, told)
