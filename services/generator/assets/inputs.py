"""Puts the files that an input names beside its attempt: the right bytes, to be read only."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from services.generator.errors import InputMissingError, InputsTooLargeError
from shared.events import InputAsset
from shared.generators import InputFile
from shared.storage import AssetDamagedError, AssetNotFoundError, AssetStore

_READ_ONLY = 0o400


class InputFiles:
    """The way from the store to the attempt. `largest`: bytes that one attempt may be given."""

    def __init__(self, store: AssetStore, largest: int) -> None:
        self._store = store
        self._largest = largest

    async def fetch(self, named: Mapping[str, InputAsset], folder: Path) -> dict[str, InputFile]:
        """Write each into the new `folder`, once; by asset id.

        Raises `InputMissingError`, `InputsTooLargeError` or `StorageUnavailableError`.
        """
        sizes = {asset.sha256: asset.size for asset in named.values()}
        if (total := sum(sizes.values())) > self._largest:
            raise InputsTooLargeError(
                f"The input names files of {total:,} bytes, {self._largest:,} are allowed."
            )
        _make(folder)
        paths: dict[str, Path] = {}
        for asset_id, asset in named.items():
            if asset.sha256 not in paths:
                path = folder / f"{len(paths)}{mimetypes.guess_extension(asset.media_type) or ''}"
                await self._fetch_one(asset_id, asset, path)
                paths[asset.sha256] = path
        return {name: _described(asset, paths[asset.sha256]) for name, asset in named.items()}

    async def _fetch_one(self, asset_id: str, asset: InputAsset, path: Path) -> None:
        try:
            await self._store.fetch(asset.sha256, path)
        except (AssetNotFoundError, AssetDamagedError) as error:
            raise InputMissingError(
                f"The bytes of the asset {asset_id} are not in the store any more: upload or make "
                "it again."
            ) from error
        _protect(path)


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700)


def _protect(path: Path) -> None:
    path.chmod(_READ_ONLY)


def _described(asset: InputAsset, path: Path) -> InputFile:
    return InputFile(
        path=path,
        media_type=asset.media_type,
        sha256=asset.sha256,
        size=asset.size,
        width=asset.width,
        height=asset.height,
        duration=asset.duration,
    )
