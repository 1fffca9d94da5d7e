"""The asset store: bytes in under their SHA-256, bytes out by range.

Storing the same bytes twice stores them once, so a repeated attempt costs nothing and needs no
clean-up. A write is atomic: nobody sees half an asset, whatever is killed.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from shared.storage.errors import (
    AssetDamagedError,
    AssetNotFoundError,
    StorageUnavailableError,
)
from shared.storage.files import AssetFolder
from shared.storage.hashing import sha256_of
from shared.storage.spool import Spool

CHUNK = 256 * 1024
"""Bytes that `stream` yields at a time, at least (the last may be shorter)."""


@dataclass(frozen=True, slots=True)
class StoredAsset:
    """What is in the store: `sha256` in lower-case hex, `size` in bytes."""

    sha256: str
    size: int


def key_of(sha256: str) -> str:
    """`sha256/ab/cdef…`: 256 folders, so that no folder grows without bounds."""
    return f"sha256/{sha256[:2]}/{sha256[2:]}"


class AssetStore:
    """Content-addressed assets on any object store.

    `folder` is given for a store of files: what is written there is flushed to the disk before it
    counts as stored. Every method raises `StorageUnavailableError` when the store is away.
    """

    def __init__(self, store: ObjectStore, *, folder: Path | None = None) -> None:
        self._store = store
        self._folder = None if folder is None else AssetFolder(folder)

    async def put_file(self, path: Path) -> StoredAsset:
        """Store the file's bytes, unless they are there already."""
        sha256, size = await sha256_of(path)
        return await self._put(sha256, size, path)

    def spool(self) -> Spool:
        """Somewhere to write what comes in pieces, before it is known what it is: `put_spool`."""
        return Spool(None if self._folder is None else self._folder.path)

    async def put_spool(self, spool: Spool) -> StoredAsset:
        """Store what was written to `spool`, which was hashed meanwhile."""
        return await self._put(spool.sha256, spool.size, spool.path)

    async def put_stream(self, chunks: AsyncIterator[bytes]) -> StoredAsset:
        """Store what comes in pieces, never more than one of them in memory."""
        with self.spool() as spool:
            async for chunk in chunks:
                await spool.write(chunk)
            await spool.complete()
            return await self.put_spool(spool)

    async def put_bytes(self, content: bytes) -> StoredAsset:
        """The same for what is in memory, and small: it is hashed at once."""
        return await self._put(hashlib.sha256(content).hexdigest(), len(content), content)

    async def _put(self, sha256: str, size: int, source: Path | bytes) -> StoredAsset:
        key = key_of(sha256)
        try:
            if self._folder is not None:
                if not self._folder.has(key, size):
                    await self._folder.write(key, source)
            elif await self._find_size(sha256) != size:
                await obstore.put_async(self._store, key, source)
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

    async def _find_size(self, sha256: str) -> int | None:
        try:
            return int((await obstore.head_async(self._store, key_of(sha256)))["size"])
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise StorageUnavailableError(f"asking for {sha256}: {error}") from error
