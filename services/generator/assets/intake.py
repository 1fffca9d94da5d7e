"""Takes in what a generator made: checked, sniffed, measured, stored under its hash."""

import stat
from collections.abc import Sequence
from pathlib import Path

from services.generator.assets.measuring import measure
from services.generator.assets.sniffing import sniff
from services.generator.errors import BadOutputError, OutputTooLargeError
from shared.events import Asset
from shared.generators import AssetFile, Role
from shared.storage import AssetStore

MOST = 100
"""Assets that one job may have."""


class AssetIntake:
    """The way from the scratch folder into the store."""

    def __init__(self, store: AssetStore) -> None:
        self._store = store

    async def take_in(
        self, files: Sequence[AssetFile], *, scratch: Path, largest: int
    ) -> tuple[Asset, ...]:
        """Store all; `largest` is how many bytes they may have together.

        Raises `BadOutputError`, `OutputTooLargeError` or `StorageUnavailableError`.
        """
        _check(files, scratch, largest)
        return tuple([await self._take_one(file) for file in files])

    async def _take_one(self, file: AssetFile) -> Asset:
        media_type = sniff(file.path)
        measures = measure(file.path, media_type)
        stored = await self._store.put_file(file.path)
        return Asset(
            sha256=stored.sha256,
            media_type=media_type,
            size=stored.size,
            role=file.role.value,
            filename=file.filename or file.path.name,
            width=measures.width,
            height=measures.height,
            duration=measures.duration,
            provenance=file.provenance,
        )


def _check(files: Sequence[AssetFile], scratch: Path, largest: int) -> None:
    if not any(file.role is Role.PRIMARY for file in files):
        raise BadOutputError("the generator made nothing")
    if len(files) > MOST:
        raise OutputTooLargeError(f"the generator made {len(files)} files, {MOST} are allowed")
    total = sum(_size(file.path, scratch) for file in files)
    if total > largest:
        raise OutputTooLargeError(f"the generator made {total} bytes, {largest} are allowed")


def _size(path: Path, scratch: Path) -> int:
    outside = path.parent != scratch and not path.resolve().is_relative_to(scratch.resolve())
    try:
        status = path.lstat()
    except OSError as error:
        raise BadOutputError(f"{path.name} is not there") from error
    if outside or not stat.S_ISREG(status.st_mode):
        raise BadOutputError(f"{path.name} is no file in the scratch folder")
    if size := status.st_size:
        return size
    raise BadOutputError(f"{path.name} is empty")
