"""Takes in what a generator made: checked, sniffed, measured, stored under its hash."""

import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from services.generator.derivation import LARGEST, MOST_FILES
from services.generator.errors import BadOutputError, OutputTooLargeError
from shared.events import Asset
from shared.generators import AssetFile, Role
from shared.media.measuring import Measures, measure, measure_bytes
from shared.media.sniffing import sniff, sniff_bytes
from shared.storage import AssetStore, StoredAsset

NO_ORIGIN: Mapping[str, Any] = {}


class AssetIntake:
    """The way from the scratch folder, or from memory, into the store."""

    def __init__(self, store: AssetStore) -> None:
        self._store = store

    async def take_in(
        self,
        files: Sequence[AssetFile],
        *,
        scratch: Callable[[], Path],
        largest: int,
        origin: Mapping[str, Any] = NO_ORIGIN,
    ) -> tuple[Asset, ...]:
        """Store all; `largest` is how many bytes they may have together, beside thumbnails.

        `origin` is added to what each file itself says of its provenance.

        Raises `BadOutputError`, `OutputTooLargeError` or `StorageUnavailableError`.
        """
        _check(files, scratch, largest)
        return tuple([await self._take_one(file, origin) for file in files])

    async def _take_one(self, file: AssetFile, origin: Mapping[str, Any]) -> Asset:
        if file.content is None:
            media_type = sniff(file.path)
            measures = measure(file.path, media_type)
            stored = await self._store.put_file(file.path, media_type)
        else:
            media_type = sniff_bytes(file.content, file.path.name)
            measures = measure_bytes(file.content, media_type)
            stored = await self._store.put_bytes(file.content, media_type)
        provenance = {**origin, **file.provenance}
        return _described(file, media_type, measures, stored, provenance)


def _described(
    file: AssetFile,
    media_type: str,
    measures: Measures,
    stored: StoredAsset,
    provenance: dict[str, Any],
) -> Asset:
    return Asset(
        sha256=stored.sha256,
        media_type=media_type,
        size=stored.size,
        role=file.role.value,
        filename=file.filename or file.path.name,
        width=measures.width,
        height=measures.height,
        duration=measures.duration,
        placeholder=file.placeholder,
        provenance=provenance,
    )


def _check(files: Sequence[AssetFile], scratch: Callable[[], Path], largest: int) -> None:
    if not any(file.role is Role.PRIMARY for file in files):
        raise BadOutputError("the generator made nothing")
    if len(files) > MOST_FILES:
        raise OutputTooLargeError(
            f"the generator made {len(files)} files, {MOST_FILES} are allowed"
        )
    sizes = [_size(file, scratch) for file in files]
    total = sum(sizes)
    if total > largest and total - _of_thumbnails(files, sizes) > largest:
        raise OutputTooLargeError(f"the generator made {total} bytes, {largest} are allowed")


def _of_thumbnails(files: Sequence[AssetFile], sizes: Sequence[int]) -> int:
    """The generator may know nothing of them: they are not held against it."""
    small = zip(files, sizes, strict=True)
    return sum(size for file, size in small if file.role is Role.THUMBNAIL and size <= LARGEST)


def _size(file: AssetFile, scratch: Callable[[], Path]) -> int:
    size = _size_in(scratch(), file.path) if file.content is None else len(file.content)
    if size:
        return size
    raise BadOutputError(f"{file.path.name} is empty")


def _size_in(scratch: Path, path: Path) -> int:
    outside = path.parent != scratch and not path.resolve().is_relative_to(scratch.resolve())
    try:
        status = path.lstat()
    except OSError as error:
        raise BadOutputError(f"{path.name} is not there") from error
    if outside or not stat.S_ISREG(status.st_mode):
        raise BadOutputError(f"{path.name} is no file in the scratch folder")
    return status.st_size
