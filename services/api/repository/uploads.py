"""Files that people brought along. Their bytes are in the asset store, under their hash."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.errors import UploadNotFoundError
from services.api.models import Upload
from services.api.models.uploads import KeptUpload
from services.api.repository.deletions import first_id_at
from shared.database.connection import Connection

_COLUMNS = (
    "id, tenant, sha256, media_type, size, created_at, width, height, duration, filename, "
    "declared_type"
)
_ADD = text(f"""
INSERT INTO upload ({_COLUMNS}) VALUES (:id, :tenant, :sha256, :media_type, :size, :created_at,
  :width, :height, :duration, :filename, :declared_type)
""")
_FIND = text(f"""
SELECT {_COLUMNS} FROM upload WHERE id = ANY(CAST(:ids AS uuid[])) AND tenant = :tenant
""")
_LIST = text(f"""
SELECT {_COLUMNS} FROM upload
WHERE tenant = :tenant AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))
ORDER BY id DESC LIMIT :limit
""")
_DELETE_BEFORE = text("""
DELETE FROM upload WHERE id IN (
  SELECT id FROM upload WHERE id < :horizon AND created_at <= CAST(:before AS timestamptz)
  ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
""")
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('upload:' || :tenant, 0))")
_ADD_KEY = text("""
INSERT INTO idempotency_key AS k (tenant, key, fingerprint, job_id, expires_at)
VALUES (:tenant, :key, :sha256, :id, :expires_at)
ON CONFLICT (tenant, key) DO UPDATE SET fingerprint = excluded.fingerprint,
  job_id = excluded.job_id, expires_at = excluded.expires_at WHERE k.expires_at <= now()
""")
_KEY = text("""
SELECT fingerprint, job_id FROM idempotency_key WHERE tenant = :tenant AND key = :key
""")
_DELETE = text("DELETE FROM upload WHERE id = :id AND tenant = :tenant")


class UploadRepository:
    """All uploads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, upload: Upload) -> None:
        """A new one; its bytes are stored."""
        await self._connection.execute(_ADD, asdict(upload))

    async def take_turns(self, tenant: str) -> None:
        """Nobody else adds to the tenant's uploads until the end of this transaction."""
        await self._connection.execute(_TAKE_TURNS, {"tenant": tenant})

    async def claim_key(self, upload: Upload, key: str, expires_at: datetime) -> KeptUpload | None:
        """Use the key for the upload; or what it was used for before, which holds.

        The keys are those of requests, by another name; of an upload the hash is the fingerprint.
        """
        told = {"tenant": upload.tenant, "key": key}
        use = {**told, "sha256": upload.sha256, "id": upload.id, "expires_at": expires_at}
        if (await self._connection.execute(_ADD_KEY, use)).rowcount:
            return None
        row = (await self._connection.execute(_KEY, told)).mappings().one()
        found = await self.list_by_ids(upload.tenant, [row["job_id"]])
        return KeptUpload(row["fingerprint"], found[0] if found else None)

    async def knows_key(self, tenant: str, key: str) -> bool:
        """Whether the key was used before."""
        return bool((await self._connection.execute(_KEY, {"tenant": tenant, "key": key})).all())

    async def get(self, tenant: str, upload_id: UUID) -> Upload:
        """The tenant's upload of this id. Raises `UploadNotFoundError`."""
        found = await self.list_by_ids(tenant, [upload_id])
        if not found:
            raise UploadNotFoundError(f"There is no upload {upload_id}.")
        return found[0]

    async def list_by_ids(self, tenant: str, ids: Sequence[UUID]) -> list[Upload]:
        """Those of the tenant's that there are, in any order."""
        rows = await self._connection.execute(_FIND, {"ids": list(ids), "tenant": tenant})
        return [_upload_from(row) for row in rows.mappings()]

    async def list_by_tenant(
        self, tenant: str, limit: int, before: UUID | None = None
    ) -> list[Upload]:
        """The tenant's, newest first; `before` is the last id of the page before."""
        wanted = {"tenant": tenant, "limit": limit, "before": before}
        rows = await self._connection.execute(_LIST, wanted)
        return [_upload_from(row) for row in rows.mappings()]

    async def delete(self, tenant: str, upload_id: UUID) -> None:
        """Forget it; its bytes are collected later. Raises `UploadNotFoundError`."""
        gone = await self._connection.execute(_DELETE, {"id": upload_id, "tenant": tenant})
        if not gone.rowcount:
            raise UploadNotFoundError(f"There is no upload {upload_id}.")

    async def delete_before(self, before: datetime, limit: int) -> int:
        """Forget what came by then, whoever's it is. Answers how many."""
        told = {"before": before, "horizon": first_id_at(before), "limit": limit}
        return int((await self._connection.execute(_DELETE_BEFORE, told)).rowcount)


def _upload_from(row: Mapping[Any, Any]) -> Upload:
    return Upload(**{str(name): value for name, value in row.items()})
