"""Assets as files in a folder: one trip to a thread for each, and none for what is there already.

What is written is flushed to the disk, with its name, before it counts as stored; nobody sees half
of it. Neighbour: `store` reads them like those of any other object store.
"""

import asyncio
import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from shared.clock import uuid7

REFRESH_SECONDS = 3600.0
"""What is stored again after this time is as new as if it had been written."""
_LEFT_SECONDS = 24 * 3600.0


class AssetFolder:
    """The folder of a store of files. Raises `OSError`."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self.path = folder

    def has(self, key: str, size: int) -> bool:
        """Whether there is a whole file of that size under this key; an old one is new again.

        Made new first and believed afterwards: whoever is about to remove it looks once more.
        """
        path = f"{self._folder}/{key}"
        try:
            status = os.stat(path)  # noqa: PTH116 - no Path a job
            if status.st_size != size:
                return False
            if time.time() - status.st_mtime > REFRESH_SECONDS:
                os.utime(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return True

    def is_void(self) -> bool:
        """Whether nothing was ever stored in it, or it is not there: another volume, or none."""
        return not Path(self._folder, "sha256").is_dir()

    def files_in(self, folder: str) -> Iterator[tuple[str, int, float]]:
        """Name, size and moment of each file in it; what a crash has left of others is removed."""
        try:
            entries = [*os.scandir(Path(self._folder, folder))]
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue
            if "#" not in entry.name:
                yield entry.name, status.st_size, status.st_mtime
            elif time.time() - status.st_mtime > _LEFT_SECONDS:
                Path(entry.path).unlink(missing_ok=True)

    async def remove(self, key: str, before: float) -> bool:
        """Remove the file, unless it was stored again since `before`. Answers whether it is gone.

        It is taken aside first: who stores the same bytes meanwhile either has made it new, which
        is seen here, or does not find it and writes it.
        """
        return await asyncio.to_thread(_remove, Path(self._folder, key), before)

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


def _remove(target: Path, before: float) -> bool:
    aside = target.with_name(f"{target.name}#{uuid7().hex}")
    try:
        target.rename(aside)
    except (FileNotFoundError, NotADirectoryError):
        return False
    wanted = aside.stat().st_mtime >= before
    if wanted:
        with contextlib.suppress(FileExistsError):
            target.hardlink_to(aside)
    aside.unlink()
    return not wanted


def _flush(folder: Path) -> None:
    """Write the names in it down to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
