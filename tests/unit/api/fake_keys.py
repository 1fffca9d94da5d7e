"""Keys in memory."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.api.errors import BrokerUserTakenError, KeyNotFoundError
from services.api.models import ApiKey
from services.api.repository import KeyRepository
from tests.unit.api.tables import Tables


class FakeKeys(KeyRepository):
    def __init__(self, tables: Tables) -> None:
        self._keys = tables.api_keys

    async def add(self, key: ApiKey) -> None:
        if key.broker_user is not None and await self.list_current([], [key.broker_user]):
            raise BrokerUserTakenError
        self._keys[key.id] = key

    async def count_alone(self, tenant: str, now: datetime) -> int:
        mine = [key for key in self._keys.values() if key.tenant == tenant]
        return sum(key.revoked_at is None and not key.has_expired(now) for key in mine)

    async def get(self, tenant: str | None, key_id: UUID) -> ApiKey:
        key = self._keys.get(key_id)
        if key is None or tenant not in {None, key.tenant}:
            raise KeyNotFoundError(f"There is no key {key_id}.")
        return key

    async def list_by_tenant(
        self, tenant: str | None, limit: int, before: UUID | None = None
    ) -> list[ApiKey]:
        newest = sorted(self._keys.values(), key=lambda key: key.id, reverse=True)
        mine = [key for key in newest if tenant in {None, key.tenant}]
        return [key for key in mine if before is None or key.id < before][:limit]

    async def list_current(
        self, ids: Collection[UUID], broker_users: Collection[str] = ()
    ) -> list[ApiKey]:
        known = self._keys.values()
        users = [key for key in known if key.broker_user in broker_users and not key.revoked_at]
        return [key for key in known if key.id in ids] + users

    async def revoke(self, tenant: str | None, key_id: UUID, now: datetime) -> None:
        key = await self.get(tenant, key_id)
        self._keys[key_id] = replace(key, revoked_at=key.revoked_at or now)

    async def purge(self, before: datetime, limit: int) -> int:
        ends = {
            key.id: min(filter(None, (key.revoked_at, key.expires_at)), default=before)
            for key in self._keys.values()
        }
        over = [key_id for key_id, end in ends.items() if end < before][:limit]
        for key_id in over:
            del self._keys[key_id]
        return len(over)

    async def note_use(self, ids: Sequence[UUID], now: datetime) -> None:
        for key_id in ids:
            key = self._keys[key_id]
            self._keys[key_id] = replace(key, last_used_at=max(key.last_used_at or now, now))
