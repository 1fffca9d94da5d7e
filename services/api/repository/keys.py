"""Keys of the api: whose they are and what they allow, never what their secrets are.

Whatever is changed is said to all processes, with the commit: they keep keys in memory.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.errors import BrokerUserTakenError, KeyNotFoundError
from services.api.models import ApiKey, Scope
from shared.database.connection import Connection

CHANGED = "darkroom_api_keys"
"""The channel on which all processes hear which key was revoked (its id as digits).

Or that there is a `NEW` one, or that `ANY` may have changed: for whoever changes the table by hand.
"""

NEW, ANY = "new", ""
_SAY = text(f"SELECT pg_notify('{CHANGED}', :what)")
_COLUMNS = (
    "id, tenant, name, scopes, hash, broker_user, created_at, expires_at, last_used_at, revoked_at"
)
_ADD = text(f"""
INSERT INTO api_key ({_COLUMNS}) VALUES (:id, :tenant, :name, CAST(:scopes AS text[]), :hash,
  :broker_user, :created_at, :expires_at, :last_used_at, :revoked_at)
ON CONFLICT (broker_user) WHERE revoked_at IS NULL AND broker_user IS NOT NULL DO NOTHING
""")
# Whoever makes keys for a tenant does so alone: what he counts stays true.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('api keys ' || :tenant, 0))")
_COUNT = text("""
SELECT count(*) FROM api_key
WHERE tenant = :tenant AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :now)
""")
_MINE = "(CAST(:tenant AS text) IS NULL OR tenant = CAST(:tenant AS text))"
_GET = text(f"SELECT {_COLUMNS} FROM api_key WHERE id = :id AND {_MINE}")
_LIST = text(f"""
SELECT {_COLUMNS} FROM api_key
WHERE {_MINE} AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
ORDER BY id DESC LIMIT :limit
""")
_CURRENT = text(f"""
SELECT {_COLUMNS} FROM api_key WHERE id = ANY(CAST(:ids AS uuid[]))
UNION ALL
SELECT {_COLUMNS} FROM api_key
WHERE broker_user = ANY(CAST(:users AS text[])) AND revoked_at IS NULL
""")
_REVOKE = text(f"""
UPDATE api_key SET revoked_at = coalesce(revoked_at, :now) WHERE id = :id AND {_MINE} RETURNING id
""")
_NOTE_USE = text("""
UPDATE api_key SET last_used_at = greatest(last_used_at, CAST(:now AS timestamptz))
WHERE id IN (SELECT id FROM api_key WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE)
""")
# Of a key that was revoked and has expired, what came first ended it.
_PURGE = text("""
DELETE FROM api_key WHERE id IN (
  SELECT id FROM api_key WHERE least(revoked_at, expires_at) < :before
  LIMIT :limit FOR UPDATE SKIP LOCKED)
""")


class KeyRepository:
    """All keys. `tenant` None: of everybody."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, key: ApiKey) -> None:
        """A new one. Raises `BrokerUserTakenError`."""
        values = {name: getattr(key, name) for name in _COLUMNS.split(", ")}
        values["scopes"] = sorted(key.scopes)
        if not (await self._connection.execute(_ADD, values)).rowcount:
            raise BrokerUserTakenError(
                f"There is a key for the broker user {key.broker_user!r} already: revoke it first."
            )
        await self._connection.execute(_SAY, {"what": NEW})

    async def count_alone(self, tenant: str, now: datetime) -> int:
        """How many of the tenant count; until the transaction ends nobody else makes one for it."""
        await self._connection.execute(_ALONE, {"tenant": tenant})
        counted = await self._connection.execute(_COUNT, {"tenant": tenant, "now": now})
        return int(counted.scalar_one())

    async def get(self, tenant: str | None, key_id: UUID) -> ApiKey:
        """Raises `KeyNotFoundError`."""
        found = await self._connection.execute(_GET, {"tenant": tenant, "id": key_id})
        row = found.mappings().one_or_none()
        if row is None:
            raise KeyNotFoundError(f"There is no key {key_id}.")
        return _key_from(row)

    async def list_by_tenant(
        self, tenant: str | None, limit: int, before: UUID | None = None
    ) -> list[ApiKey]:
        """Newest first; also those that were revoked."""
        told = {"tenant": tenant, "limit": limit, "before": before}
        rows = await self._connection.execute(_LIST, told)
        return [_key_from(row) for row in rows.mappings()]

    async def list_current(
        self, ids: Collection[UUID], broker_users: Collection[str] = ()
    ) -> list[ApiKey]:
        """Those with these ids, whatever became of them; and those of the users, not revoked."""
        told = {"ids": list(ids), "users": list(broker_users)}
        rows = await self._connection.execute(_CURRENT, told)
        return [_key_from(row) for row in rows.mappings()]

    async def revoke(self, tenant: str | None, key_id: UUID, now: datetime) -> None:
        """It counts no more; once more changes nothing. Raises `KeyNotFoundError`."""
        told = {"tenant": tenant, "id": key_id, "now": now}
        if not (await self._connection.execute(_REVOKE, told)).rowcount:
            raise KeyNotFoundError(f"There is no key {key_id}.")
        await self._connection.execute(_SAY, {"what": key_id.hex})

    async def note_use(self, ids: Sequence[UUID], now: datetime) -> None:
        """These were used."""
        await self._connection.execute(_NOTE_USE, {"ids": list(ids), "now": now})

    async def purge(self, before: datetime, limit: int) -> int:
        """Forget keys that were revoked or had expired by then. Answers of how many."""
        told = {"before": before, "limit": limit}
        return int((await self._connection.execute(_PURGE, told)).rowcount)


def _key_from(row: Mapping[Any, Any]) -> ApiKey:
    values = {str(name): value for name, value in row.items()}
    values["scopes"] = frozenset(map(Scope, values["scopes"]))
    return ApiKey(**values)
