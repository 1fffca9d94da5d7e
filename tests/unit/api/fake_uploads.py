"""Uploads in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.api.models import Upload
from services.api.models.uploads import KeptUpload
from services.api.repository import UploadRepository
from shared.clock import Clock
from tests.unit.api.tables import Tables


class FakeUploads(UploadRepository):
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def add(self, upload: Upload) -> None:
        self._tables.uploads[upload.id] = upload

    async def list_by_ids(self, tenant: str, ids: Sequence[UUID]) -> list[Upload]:
        known = self._tables.uploads
        return [known[one] for one in set(ids) & known.keys() if known[one].tenant == tenant]

    async def list_by_tenant(
        self, tenant: str, limit: int, before: UUID | None = None
    ) -> list[Upload]:
        newest = sorted(self._tables.uploads.values(), key=lambda one: one.id, reverse=True)
        mine = [one for one in newest if one.tenant == tenant]
        return [one for one in mine if before is None or one.id < before][:limit]

    async def delete(self, tenant: str, upload_id: UUID) -> None:
        await self.get(tenant, upload_id)
        del self._tables.uploads[upload_id]

    async def take_turns(self, tenant: str) -> None:
        """Every unit of work is alone here."""

    async def claim_key(self, upload: Upload, key: str, expires_at: datetime) -> KeptUpload | None:
        used = self._tables.keys.get((upload.tenant, key))
        if used is None or used[2] <= self._clock.now():
            self._tables.keys[upload.tenant, key] = (upload.sha256, upload.id, expires_at)
            return None
        return KeptUpload(used[0], self._tables.uploads.get(used[1]))

    async def knows_key(self, tenant: str, key: str) -> bool:
        return (tenant, key) in self._tables.keys

    async def delete_before(self, before: datetime, limit: int) -> int:
        old = [one.id for one in self._tables.uploads.values() if one.created_at <= before][:limit]
        for one in old:
            del self._tables.uploads[one]
        return len(old)
