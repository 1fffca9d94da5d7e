"""Assets as files in a folder: one trip to a thread for each, and none for what is there already.

What is written is flushed to the disk, with its name, before it counts as stored; nobody sees half
of it. Neighbour: `store` reads them like those of any other object store.
"""

import asyncio
import os
import shutil
from pathlib import Path

from shared.clock import uuid7


class AssetFolder:
    """The folder of a store of files. Raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.path = folder

    def has(self, key: str, size: int) -> bool:
        """Whether there is a whole file of that size under this key."""
        try:
            return os.stat(f"{self._folder}/{key}").st_size == size  # noqa: PTH116 - no Path a job
        except (FileNotFoundError, NotADirectoryError):
            return False

    async def write(self, key: str, source: Path | bytes) -> None:
        """Write what is in the file, or the bytes themselves."""
        await asyncio.to_thread(self._write, Path(self._folder, key), source)

    def _write(self, target: Path, source: Path | bytes) -> None:
        folder = target.parent
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{target.name}#{uuid7().hex}"
        try:
            with part.open("xb") as file:
                if isinstance(source, bytes):
                    file.write(source)
                else:
                    with source.open("rb") as original:
                        shutil.copyfileobj(original, file, 1 << 20)
                file.flush()
                os.fsync(file.fileno())
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        _flush(folder)


def _flush(folder: Path) -> None:
    """Write the names in it down to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
