"""Webhook endpoints and their secrets. Everything a tenant asks for names the tenant."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.notifier.errors import EndpointNotFoundError, IdempotencyKeyReusedError
from services.notifier.models import DisabledReason, Endpoint, KeptSecret, MadeBy
from shared.database.connection import Connection

CHANGED = "darkroom_webhook_endpoints"
"""The channel on which all processes hear that endpoints were changed."""

_SAY = text(f"SELECT pg_notify('{CHANGED}', '')")

_COLUMNS = """id, tenant, url, description, event_types, generators, ordered, enabled,
  disabled_reason, failing_since, created_at"""
_MINE = "WHERE tenant = :tenant AND id = :id"
_ALL = text(f"SELECT {_COLUMNS} FROM webhook_endpoint ORDER BY id")
_LIST = text(f"SELECT {_COLUMNS} FROM webhook_endpoint WHERE tenant = :tenant ORDER BY id")
_GET = text(f"SELECT {_COLUMNS} FROM webhook_endpoint {_MINE}")
_ADD = text("""
INSERT INTO webhook_endpoint (id, tenant, url, description, event_types, generators, ordered,
  enabled, disabled_reason, created_at, secret, idempotency_key, fingerprint)
VALUES (:id, :tenant, :url, :description, CAST(:event_types AS text[]),
  CAST(:generators AS text[]), :ordered, :enabled, :disabled_reason, :created_at, :secret,
  :key, :fingerprint)
""")
# Whoever makes endpoints for a tenant does so alone: what he counts and finds stays true.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('webhook endpoints ' || :tenant, 0))")
_FORGET_KEY = text("""
UPDATE webhook_endpoint SET idempotency_key = NULL, fingerprint = NULL
WHERE tenant = :tenant AND idempotency_key = :key
  AND created_at < now() - make_interval(secs => CAST(:age AS float8))
""")
_MADE_BY = text(f"""
SELECT {_COLUMNS}, fingerprint FROM webhook_endpoint
WHERE tenant = :tenant AND idempotency_key = :key
""")
# Who is enabled begins anew: what failed before says nothing any more.
_CHANGE = text(f"""
UPDATE webhook_endpoint SET url = :url, description = :description,
  event_types = CAST(:event_types AS text[]), generators = CAST(:generators AS text[]),
  ordered = :ordered, enabled = :enabled, disabled_reason = :disabled_reason,
  failing_since = CASE WHEN CAST(:begins_anew AS boolean) THEN NULL ELSE failing_since END
{_MINE} RETURNING {_COLUMNS}
""")
_DISABLE = text("""
UPDATE webhook_endpoint SET enabled = false, disabled_reason = :reason
WHERE id = :id AND enabled RETURNING failing_since
""")
# Calls under way are left to whoever makes them; what he leaves behind is skipped by and by.
_SKIP = text("""
UPDATE webhook_delivery SET status = 'skipped', finished_at = now(), lease = NULL
WHERE id IN (SELECT id FROM webhook_delivery WHERE lane = :id AND status = 'pending'
  ORDER BY id FOR UPDATE SKIP LOCKED)
""")
_SKIP_LEFT = text("""
UPDATE webhook_delivery SET status = 'skipped', finished_at = now(), lease = NULL
WHERE id IN (SELECT d.id FROM webhook_endpoint AS e JOIN webhook_delivery AS d ON d.lane = e.id
  WHERE NOT e.enabled AND d.status = 'pending' AND d.due_at <= now()
  ORDER BY d.id FOR UPDATE OF d SKIP LOCKED)
""")
_RELEASE = text("DELETE FROM webhook_lane WHERE lane = :id")
_REMOVE = text(f"DELETE FROM webhook_endpoint {_MINE}")
_FORGET = text("""
DELETE FROM webhook_delivery WHERE id IN (
  SELECT id FROM webhook_delivery WHERE tenant = :tenant AND endpoint_id = :id
  ORDER BY id FOR UPDATE SKIP LOCKED)
""")
_SECRET = text(f"SELECT secret, previous_until FROM webhook_endpoint {_MINE}")
_ROTATED = """secret = :secret, previous_secret = {table}.secret,
  previous_until = now() + make_interval(secs => CAST(:overlap AS float8))"""
_ROTATE = text(f"""
UPDATE webhook_endpoint SET {_ROTATED.format(table="webhook_endpoint")} {_MINE}
RETURNING secret, previous_until
""")
_DEFAULT = text("""
INSERT INTO webhook_secret AS s (tenant, secret) VALUES (:tenant, :secret)
ON CONFLICT (tenant) DO UPDATE SET tenant = s.tenant RETURNING secret, previous_until
""")
_ROTATE_DEFAULT = text(f"""
INSERT INTO webhook_secret AS s (tenant, secret) VALUES (:tenant, :secret)
ON CONFLICT (tenant) DO UPDATE SET {_ROTATED.format(table="s")}
RETURNING secret, previous_until
""")


class EndpointRepository:
    """Endpoints, on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list_all(self) -> list[Endpoint]:
        """Those of everybody."""
        return [_endpoint(row) for row in await self._connection.execute(_ALL)]

    async def list_by_tenant(self, tenant: str) -> list[Endpoint]:
        """Those of one tenant, the oldest first."""
        rows = await self._connection.execute(_LIST, {"tenant": tenant})
        return [_endpoint(row) for row in rows]

    async def get(self, tenant: str, endpoint_id: UUID) -> Endpoint:
        """One of them. Raises `EndpointNotFoundError`."""
        return _endpoint(await self._one(_GET, tenant, endpoint_id))

    async def count_alone(self, tenant: str) -> int:
        """How many the tenant has; until the transaction ends nobody else makes one for it."""
        await self._connection.execute(_ALONE, {"tenant": tenant})
        return len(await self.list_by_tenant(tenant))

    async def find_made_by(self, tenant: str, made_by: MadeBy, age: timedelta) -> Endpoint | None:
        """What was made with this key, unless that is longer ago.

        Raises `IdempotencyKeyReusedError` where something else was.
        """
        told = {"tenant": tenant, "key": made_by.key}
        await self._connection.execute(_FORGET_KEY, {**told, "age": age.total_seconds()})
        row = (await self._connection.execute(_MADE_BY, told)).mappings().one_or_none()
        if row is None:
            return None
        if row["fingerprint"] != made_by.fingerprint:
            raise IdempotencyKeyReusedError
        return _endpoint(row)

    async def add(self, endpoint: Endpoint, secret: str, made_by: MadeBy | None) -> None:
        """A new one."""
        told = {name: getattr(endpoint, name) for name in Endpoint.__slots__}
        key, fingerprint = made_by or (None, None)
        told = {**told, "secret": secret, "key": key, "fingerprint": fingerprint}
        await self._connection.execute(_ADD, told)
        await self._connection.execute(_SAY)

    async def change(self, endpoint: Endpoint, *, begins_anew: bool) -> Endpoint:
        """Make it so; who `begins_anew` is forgiven what has failed."""
        if begins_anew:
            await self._connection.execute(_RELEASE, {"id": endpoint.id})
        told = {name: getattr(endpoint, name) for name in Endpoint.__slots__}
        told = {name: value for name, value in told.items() if name not in ("id", "tenant")}
        changed = await self._one(
            _CHANGE, endpoint.tenant, endpoint.id, **told, begins_anew=begins_anew
        )
        if not endpoint.enabled:
            await self._connection.execute(_SKIP, {"id": endpoint.id})
        await self._connection.execute(_SAY)
        return _endpoint(changed)

    async def disable(self, endpoint_id: UUID, reason: DisabledReason) -> bool:
        """Send it nothing more, and keep what waits. False where it is disabled or gone already."""
        told = {"id": endpoint_id, "reason": reason.value}
        if not (await self._connection.execute(_DISABLE, told)).all():
            return False
        await self._connection.execute(_SKIP, {"id": endpoint_id})
        return True

    async def remove(self, tenant: str, endpoint_id: UUID) -> None:
        """Forget it and all that was due to it. Raises `EndpointNotFoundError`."""
        told = {"tenant": tenant, "id": endpoint_id}
        await self.get(tenant, endpoint_id)
        await self._connection.execute(_RELEASE, {"id": endpoint_id})
        await self._connection.execute(_REMOVE, told)
        await self._connection.execute(_FORGET, told)
        await self._connection.execute(_SAY)

    async def skip_left(self) -> None:
        """Keep as skipped what calls under way have left to disabled endpoints."""
        await self._connection.execute(_SKIP_LEFT)

    async def secret(self, tenant: str, endpoint_id: UUID) -> KeptSecret:
        """What its calls are signed with. Raises `EndpointNotFoundError`."""
        return _secret(await self._one(_SECRET, tenant, endpoint_id))

    async def rotate(
        self, tenant: str, endpoint_id: UUID, secret: str, overlap: timedelta
    ) -> KeptSecret:
        """Sign with this, and for so long with the one before it too."""
        told = {"secret": secret, "overlap": overlap.total_seconds()}
        return _secret(await self._one(_ROTATE, tenant, endpoint_id, **told))

    async def default_secret(self, tenant: str, new: str) -> KeptSecret:
        """What signs calls to addresses that came with requests; `new` where there is none yet."""
        rows = await self._connection.execute(_DEFAULT, {"tenant": tenant, "secret": new})
        return _secret(rows.one())

    async def rotate_default(self, tenant: str, secret: str, overlap: timedelta) -> KeptSecret:
        """The same as `rotate` for that one."""
        told = {"tenant": tenant, "secret": secret, "overlap": overlap.total_seconds()}
        return _secret((await self._connection.execute(_ROTATE_DEFAULT, told)).one())

    async def _one(self, statement: Any, tenant: str, endpoint_id: UUID, **more: Any) -> Any:
        told: Mapping[str, Any] = {**more, "tenant": tenant, "id": endpoint_id}
        row = (await self._connection.execute(statement, told)).mappings().one_or_none()
        if row is None:
            raise EndpointNotFoundError(f"There is no webhook endpoint {endpoint_id}.")
        return row


def _endpoint(row: Any) -> Endpoint:
    values: dict[str, Any] = {name: row[name] for name in Endpoint.__slots__}
    lists: Sequence[str] = ("event_types", "generators")
    return Endpoint(**{**values, **{name: tuple(values[name]) for name in lists}})


def _secret(row: Any) -> KeptSecret:
    return KeptSecret(row.secret, row.previous_until)
