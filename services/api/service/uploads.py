"""Taking in files that people bring along: looked at, stored under their hash, given an id.

Nothing is decoded: a header says what kind of file it is and how large a picture would become.
"""

import asyncio
import mimetypes
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from services.api.errors import (
    EmptyUploadError,
    TooManyPixelsError,
    UnreadableUploadError,
    UnsupportedUploadError,
)
from services.api.models import Upload, UploadClaim
from services.api.service.upload_room import UploadRoom
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, NewId
from shared.media import Measures, measure, sniff_bytes
from shared.storage import Spool, StoredAsset

MOST_PIXELS: Final = 50_000_000
_LONGEST_NAME = 200
_HEAD = 4096
_KINDS: Final = ("image/", "audio/", "video/")
_OTHERS: Final = frozenset(
    {"application/pdf", "application/json", "application/x-subrip", "text/csv", "text/vtt"}
)
_REFUSED: Final = frozenset({"image/svg+xml"})
"""A drawing says by itself how large it wants to be, and what else it wants to load."""


class KeepsUploads(Protocol):
    """What is needed of the asset store."""

    def spool(self) -> Spool: ...

    async def put_spool(self, spool: Spool, media_type: str | None = None) -> StoredAsset: ...


class UploadService:
    """The files of all tenants."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        store: KeepsUploads,
        clock: Clock,
        new_id: NewId,
        *,
        room: UploadRoom,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._room = room
        self._store = store
        self._clock = clock
        self._new_id = new_id

    async def receive(
        self, tenant: str, chunks: AsyncIterator[bytes], claim: UploadClaim
    ) -> Upload:
        """Take in one file, of which never more than a chunk is in memory.

        Raises `EmptyUploadError`, `UnsupportedUploadError`, `UnreadableUploadError`,
        `TooManyPixelsError`, `UploadQuotaExceededError`, `IdempotencyKeyReusedError`,
        `MediaDeletedError`, or `StorageUnavailableError`.
        """
        filename = _clean(claim.filename)
        await self._room.look(tenant, claim)
        with self._store.spool() as spool:
            async for chunk in chunks:
                await spool.write(chunk)
            await spool.complete()
            named = filename or _name_by_type(claim.media_type)
            media_type, measures = await asyncio.to_thread(_examined, spool.path, named)
            stored = await self._store.put_spool(spool, media_type)
        upload = Upload(
            id=self._new_id(),
            tenant=tenant,
            media_type=media_type,
            created_at=self._clock.now(),
            filename=filename,
            declared_type=claim.media_type and claim.media_type[:_LONGEST_NAME],
            **asdict(stored),
            **asdict(measures),
        )
        async with self._unit_of_work() as work:
            return await self._room.add(work, upload, claim.key)

    async def get(self, tenant: str, upload_id: UUID) -> Upload:
        """Raises `UploadNotFoundError`."""
        async with self._unit_of_work() as work:
            return await work.uploads.get(tenant, upload_id)

    async def list_by_tenant(
        self, tenant: str, limit: int, before: UUID | None = None
    ) -> list[Upload]:
        """Newest first."""
        async with self._unit_of_work() as work:
            return await work.uploads.list_by_tenant(tenant, limit, before)

    async def delete(self, tenant: str, upload_id: UUID) -> None:
        """No new request can name it; those that were accepted go on. Raises the same."""
        async with self._unit_of_work() as work:
            await work.uploads.delete(tenant, upload_id)


def _examined(path: Path, name: str) -> tuple[str, Measures]:
    """What the file's beginning says; raises where it cannot be taken."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise EmptyUploadError
    media_type = sniff_bytes(head, name)
    if media_type in _REFUSED or not (media_type.startswith(_KINDS) or media_type in _OTHERS):
        raise UnsupportedUploadError(
            f"This is {media_type}; pictures (not SVG), sounds, videos, PDF, CSV, JSON, SRT and "
            "WebVTT can be uploaded. The name of a text file has to say which it is: data.csv."
        )
    measures = measure(path, media_type)
    if media_type.startswith("image/"):
        _check_pixels(media_type, measures)
    return media_type, measures


def _check_pixels(media_type: str, measures: Measures) -> None:
    if not measures.width or not measures.height:
        raise UnreadableUploadError(f"The file begins like {media_type}, but has no whole header.")
    pixels = measures.width * measures.height
    if pixels > MOST_PIXELS:
        raise TooManyPixelsError(
            f"{measures.width:,} x {measures.height:,} are {pixels:,} pixels, {MOST_PIXELS:,} are "
            "allowed: make the picture smaller first.",
            extra={"width": measures.width, "height": measures.height, "limit": MOST_PIXELS},
        )


def _clean(filename: str | None) -> str | None:
    """The name alone, without a path and without what cannot be seen; None when nothing is left."""
    if filename is None:
        return None
    last = filename.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    stem, dot, suffix = seen.strip(" .").rpartition(".")
    room = _LONGEST_NAME - len(dot + suffix)
    return (stem[:room] + dot + suffix if room > 0 else seen[:_LONGEST_NAME]) or None


def _name_by_type(declared: str | None) -> str:
    """Text has no signature: the type that the sender says is as good as a name that says it."""
    kind = (declared or "").partition(";")[0].strip().lower()
    if kind == "application/x-subrip":
        return "upload.srt"
    return f"upload{mimetypes.guess_extension(kind) or ''}"
