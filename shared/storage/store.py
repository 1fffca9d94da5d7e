"""The asset store: bytes in under their SHA-256, bytes out by range.

Storing the same bytes twice stores them once, so a repeated attempt costs nothing and needs no
clean-up. A write is atomic: nobody sees half an asset, whatever is killed.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from shared.storage.errors import (
    AssetDamagedError,
    AssetNotFoundError,
    StorageUnavailableError,
)
from shared.storage.files import REFRESH_SECONDS, AssetFolder
from shared.storage.hashing import sha256_of
from shared.storage.spool import Spool

CHUNK = 256 * 1024
"""Bytes that `stream` yields at a time, at least (the last may be shorter)."""


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """What is in the store: `sha256` in lower-case hex, `size` in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An asset as the store lists it; `stored_at` is when it was last written or made new."""

    sha256: str
    size: int
    stored_at: datetime


_NAME = re.compile("[0-9a-f]{62}")
_OWNER = "owner"
_VOID = (
    "There is nothing in the folder of the asset store, or it is gone: see that its volume is "
    "mounted where DARKROOM_STORE_URL says."
)
REFRESH = timedelta(seconds=REFRESH_SECONDS)
"""What is stored again after this time counts as new; before, it stays as old as it is."""


def key_of(sha256: str) -> str:
    """`sha256/ab/cdef…`: 256 folders, so that no folder grows without bounds."""
    return f"sha256/{sha256[:2]}/{sha256[2:]}"


class AssetStore:
    """Content-addressed assets on any object store.

    `folder` is given for a store of files: what is written there is flushed to the disk before it
    counts as stored. Every method raises `StorageUnavailableError` when the store is away; an empty
    folder is: whoever asks for an asset knows that something was stored.
    """

    def __init__(self, store: ObjectStore, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = None if folder is None else AssetFolder(folder)
        self._remote = store if isinstance(store, S3Store | GCSStore | AzureStore) else None

    async def put_file(self, path: Path, media_type: str | None = None) -> StoredAsset:
        """Store the file's bytes, unless they are there already.

        `media_type` is what a store that answers browsers itself says of it.
        """
        sha256, size = await sha256_of(path)
        return await self._put(sha256, size, path, media_type)

    def spool(self) -> Spool:
        """Somewhere to write what comes in pieces, before it is known what it is: `put_spool`."""
        return Spool(None if self._folder is None else self._folder.path)

    async def put_spool(self, spool: Spool, media_type: str | None = None) -> StoredAsset:
        """Store what was written to `spool`, which was hashed meanwhile."""
        return await self._put(spool.sha256, spool.size, spool.path, media_type)

    async def put_stream(self, chunks: AsyncIterator[bytes]) -> StoredAsset:
        """Store what comes in pieces, never more than one of them in memory."""
        with self.spool() as spool:
            async for chunk in chunks:
                await spool.write(chunk)
            await spool.complete()
            return await self.put_spool(spool)

    async def put_bytes(self, content: bytes, media_type: str | None = None) -> StoredAsset:
        """The same for what is in memory, and small: it is hashed at once."""
        sha256 = hashlib.sha256(content).hexdigest()
        return await self._put(sha256, len(content), content, media_type)

    async def _put(
        self, sha256: str, size: int, source: Path | bytes, media_type: str | None
    ) -> StoredAsset:
        key = key_of(sha256)
        try:
            if self._folder is not None:
                if not self._folder.has(key, size):
                    await self._folder.write(key, source)
            elif not await self._is_fresh(key, size):
                attributes = {"Content-Type": media_type} if media_type and self._remote else None
                await obstore.put_async(self._store, key, source, attributes=attributes)
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"storing {sha256}: {error}") from error
        return StoredAsset(sha256, size)

    async def size(self, sha256: str) -> int:
        """Bytes of the asset. Raises `AssetNotFoundError`."""
        size = await self._find_size(sha256)
        if size is None:
            raise AssetNotFoundError(f"there is no asset {sha256}")
        return size

    async def stream(
        self, sha256: str, start: int = 0, end: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end` (None: to the last one), in chunks.

        Raises `AssetNotFoundError` before the first chunk.
        """
        size = await self.size(sha256)
        last = size if end is None else min(end, size)
        if start >= last:
            return
        try:
            answer = await obstore.get_async(
                self._store, key_of(sha256), options={"range": (start, last)}
            )
            async for chunk in answer.stream(min_chunk_size=CHUNK):
                yield bytes(chunk)
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"reading {sha256}: {error}") from error

    async def fetch(self, sha256: str, path: Path) -> None:
        """Write the asset into the new file `path`.

        Raises `AssetNotFoundError`; and `AssetDamagedError` where the bytes have another hash.
        """
        digest = hashlib.sha256()

        def keep(chunk: bytes) -> None:
            digest.update(chunk)
            file.write(chunk)

        with path.open("xb") as file:
            async for chunk in self.stream(sha256):
                await asyncio.to_thread(keep, chunk)
        if digest.hexdigest() != sha256:
            raise AssetDamagedError(f"the bytes of the asset {sha256} are not those stored")

    async def presigned(self, sha256: str, lasting: timedelta) -> str | None:
        """Where anybody can fetch it for that time; None: this store answers nobody but us."""
        if self._remote is None:
            return None
        try:
            url: str = await obstore.sign_async(self._remote, "GET", key_of(sha256), lasting)
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"signing for {sha256}: {error}") from error
        return url

    async def list_by_beginning(self, beginning: str) -> AsyncIterator[Sequence[StoredObject]]:
        """All assets whose hash begins with these two hex digits, some at a time."""
        folder = f"sha256/{beginning}"
        try:
            if self._folder is not None:
                yield await asyncio.to_thread(self._listed_files, beginning)
                return
            async for batch in obstore.list(self._store, folder, chunk_size=1000):
                yield [
                    StoredObject(beginning + name, one["size"], one["last_modified"])
                    for one in batch
                    if _NAME.fullmatch(name := one["path"].rpartition("/")[2])
                ]
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"listing {folder}: {error}") from error

    def _listed_files(self, beginning: str) -> list[StoredObject]:
        assert self._folder is not None
        return [
            StoredObject(beginning + name, size, datetime.fromtimestamp(moment, UTC))
            for name, size, moment in self._folder.files_in(f"sha256/{beginning}")
            if _NAME.fullmatch(name)
        ]

    async def remove(self, sha256: str, before: datetime) -> bool:
        """Remove the asset, unless it was stored (again) since `before`. Says whether it is gone.

        On a folder nothing stored at this very moment is lost; other stores are asked, and told a
        moment later.
        """
        key = key_of(sha256)
        try:
            if self._folder is not None:
                return await self._folder.remove(key, before.timestamp())
            if (await obstore.head_async(self._store, key))["last_modified"] >= before:
                return False
            await obstore.delete_async(self._store, key)
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"removing {sha256}: {error}") from error
        return True

    async def owner(self, candidate: str) -> str:
        """Whose store it is: the first `candidate` that ever asked."""
        try:
            try:
                await obstore.put_async(self._store, _OWNER, candidate.encode(), mode="create")
            except AlreadyExistsError:
                kept = await obstore.get_async(self._store, _OWNER)
                return bytes(await kept.bytes_async()).decode()
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"asking whose the store is: {error}") from error
        return candidate

    async def _is_fresh(self, key: str, size: int) -> bool:
        """Whether it is there, whole, and not so old that it is better written again."""
        try:
            found = await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return False
        age = datetime.now(UTC) - found["last_modified"]
        return bool(found["size"] == size) and age.total_seconds() <= REFRESH_SECONDS

    async def _find_size(self, sha256: str) -> int | None:
        try:
            return int((await obstore.head_async(self._store, key_of(sha256)))["size"])
        except FileNotFoundError as error:
            if self._folder is not None and self._folder.is_void():
                raise StorageUnavailableError(_VOID) from error
            return None
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"asking for {sha256}: {error}") from error
