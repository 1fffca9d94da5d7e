"""What tenants may use beyond the settings, and how much of their rates is in use.

A rate is a bucket that leaks: `used` falls evenly by the whole quota in the rate's window, by the
clock of the database, so that processes need not agree on theirs. What is kept is what is used, not
what is left: a quota that is raised gives more at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from services.api.models.limits import Ask, Grant, Policy, UploadUse
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb

CHANGED = "darkroom_limits"
"""Who hears on this channel looks again."""

SPARE_SHARE = 16
"""Nobody is given more in advance than one part in so many of what is left."""

_LEAKED = "a.quota * greatest(0, extract(epoch FROM now() - u.at)) / a.seconds"
_USED = f"greatest(0, u.used - a.back - {_LEAKED})"
_ADD = text("""
INSERT INTO rate_use (tenant, policy, used, at)
SELECT tenant, policy, 0, now()
FROM unnest(CAST(:tenants AS text[]), CAST(:policies AS text[])) AS a(tenant, policy)
ORDER BY tenant, policy
ON CONFLICT DO NOTHING
""")
_TAKE = text(f"""
WITH held AS MATERIALIZED (
  SELECT a.nth, u.tenant, u.policy, a.quota, a.needed, a.spare, {_USED} AS used
  FROM unnest(CAST(:tenants AS text[]), CAST(:policies AS text[]), CAST(:quotas AS int[]),
    CAST(:seconds AS int[]), CAST(:needed AS int[]), CAST(:spare AS int[]), CAST(:back AS int[]))
    WITH ORDINALITY AS a(tenant, policy, quota, seconds, needed, spare, back, nth)
  JOIN rate_use AS u USING (tenant, policy)
  ORDER BY u.tenant, u.policy FOR UPDATE OF u
), left_over AS (
  SELECT *, greatest(0, floor(quota - used))::int AS available FROM held
), granted AS (
  SELECT *, least(available, needed)
    + least(spare, greatest(0, available - needed) / {SPARE_SHARE}) AS granted FROM left_over
)
UPDATE rate_use AS u SET used = g.used + g.granted, at = greatest(u.at, now()) FROM granted AS g
WHERE u.tenant = g.tenant AND u.policy = g.policy
RETURNING g.nth, g.granted, u.used
""")
_RATES = text("""
SELECT policy, used, greatest(0, extract(epoch FROM now() - at))::float8 AS age
FROM rate_use WHERE tenant = :tenant
""")
_TIDY = text("""
DELETE FROM rate_use WHERE (tenant, policy) IN (
  SELECT tenant, policy FROM rate_use WHERE at < now() - interval '31 days'
  ORDER BY tenant, policy LIMIT :limit FOR UPDATE SKIP LOCKED)
""")
_EXCEPTIONS = text("SELECT tenant, limits FROM tenant_limit")
_PUT = text("""
INSERT INTO tenant_limit (tenant, limits) VALUES (:tenant, CAST(:limits AS jsonb))
ON CONFLICT (tenant) DO UPDATE SET limits = excluded.limits
""")
_REMOVE = text("DELETE FROM tenant_limit WHERE tenant = :tenant")
_SAY = text(f"SELECT pg_notify('{CHANGED}', '')")
_UPLOADS = text("""
SELECT count(*) AS uploads, coalesce(sum(size), 0)::bigint AS upload_bytes
FROM upload WHERE tenant = :tenant
""")


class LimitRepository:
    """Limits of tenants, and their use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def take(self, asks: Sequence[Ask]) -> list[Grant | None]:
        """Grant what there is; None for what nothing is known of (`add`). One statement.

        No two of `asks` may be about the same.
        """
        told = {
            **_named(asks),
            "quotas": [one.rate.quota for one in asks],
            "seconds": [one.rate.seconds for one in asks],
            "needed": [one.needed for one in asks],
            "spare": [one.spare for one in asks],
            "back": [one.back for one in asks],
        }
        rows = (await self._connection.execute(_TAKE, told)).mappings()
        granted = {row["nth"] - 1: Grant(row["granted"], row["used"]) for row in rows}
        return [granted.get(nth) for nth in range(len(asks))]

    async def add(self, asks: Sequence[Ask]) -> None:
        """These are asked for the first time. One statement."""
        await self._connection.execute(_ADD, _named(asks))

    async def used(self, tenant: str) -> dict[Policy, tuple[float, float]]:
        """How much of each rate was in use, and how many seconds ago."""
        rows = await self._connection.execute(_RATES, {"tenant": tenant})
        return {Policy(row["policy"]): (row["used"], row["age"]) for row in rows.mappings()}

    async def tidy(self, limit: int = 10_000) -> int:
        """Forget what has leaked away. Answers how many."""
        return int((await self._connection.execute(_TIDY, {"limit": limit})).rowcount)

    async def exceptions(self) -> dict[str, Mapping[str, Any]]:
        """What was said of tenants, by name."""
        rows = await self._connection.execute(_EXCEPTIONS)
        return {row["tenant"]: row["limits"] for row in rows.mappings()}

    async def put(self, tenant: str, said: Mapping[str, Any]) -> None:
        """This holds for the tenant from now on; all processes are told."""
        await self._connection.execute(_PUT, {"tenant": tenant, "limits": to_jsonb(dict(said))})
        await self._connection.execute(_SAY)

    async def remove(self, tenant: str) -> None:
        """The settings hold for the tenant; all processes are told."""
        await self._connection.execute(_REMOVE, {"tenant": tenant})
        await self._connection.execute(_SAY)

    async def uploads(self, tenant: str) -> UploadUse:
        """What the tenant has uploaded and not deleted."""
        rows = await self._connection.execute(_UPLOADS, {"tenant": tenant})
        [row] = rows.mappings()
        return UploadUse(row["uploads"], row["upload_bytes"])


def _named(asks: Sequence[Ask]) -> dict[str, list[str]]:
    return {
        "tenants": [one.tenant for one in asks],
        "policies": [one.policy.value for one in asks],
    }
