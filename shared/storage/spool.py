"""Bytes on their way into the store whose hash is not known yet: they wait in a file.

The file is beside the store's own where the store is a folder, for a system's folder for temporary
files may be in memory. It is gone when the block is left, and swept away with the next spool where
a crash left it.
"""

import asyncio
import contextlib
import hashlib
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.storage.errors import StorageUnavailableError

_FOLDER = "incoming"
_LEFT_SECONDS = 24 * 3600.0


class Spool:
    """`with store.spool() as spool:` one file, with its hash and its size so far.

    Raises `StorageUnavailableError` where there is no room, or no folder.
    """

    def __init__(self, beside: Path | None = None) -> None:
        self._beside = beside
        self._digest = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Self:
        folder = None if self._beside is None else self._beside / _FOLDER
        try:
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                _sweep(folder)
            self._file = tempfile.NamedTemporaryFile(prefix="darkroom-", dir=folder)
        except OSError as error:
            raise StorageUnavailableError(f"nothing can be received: {error}") from error
        return self

    @property
    def path(self) -> Path:
        """Where the bytes are for the length of the block, once `complete` was called."""
        return Path(self._file.name)

    @property
    def sha256(self) -> str:
        """The hash of all that was written, in lower-case hex."""
        return self._digest.hexdigest()

    async def complete(self) -> None:
        """All has been written: from now on it can be read."""
        try:
            await asyncio.to_thread(self._file.flush)
        except OSError as error:
            raise StorageUnavailableError(f"receiving: {error}") from error

    async def write(self, chunk: bytes) -> None:
        """The next bytes; the disk and the hash hold up nobody else."""
        try:
            await asyncio.to_thread(self._write, chunk)
        except OSError as error:
            raise StorageUnavailableError(f"receiving: {error}") from error

    def _write(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._file.write(chunk)
        self.size += len(chunk)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


def _sweep(folder: Path) -> None:
    """Remove what a crash has left a day ago or longer."""
    with contextlib.suppress(OSError):
        for left in folder.iterdir():
            if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                left.unlink(missing_ok=True)
