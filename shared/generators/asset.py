"""What a generator hands back: files in its scratch folder, or bytes, not yet stored."""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any


class Role(StrEnum):
    """What an asset is for."""

    PRIMARY = "primary"
    THUMBNAIL = "thumbnail"
    CAPTIONS = "captions"
    PREVIEW = "preview"
    VARIANT = "variant"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One file a generator made.

    `path` is inside the context's scratch folder; where `content` holds the bytes it is only a
    name, and there is no file (`of_bytes`). The media type is sniffed from the bytes when it is
    stored; `filename` is what a download is called. `provenance` is recorded with the asset (seed,
    model and font hashes, durations of stages in seconds): JSON values only. `placeholder` is the
    ThumbHash of a picture in base64: Darkroom makes it, and a thumbnail, where there is none; from
    `picture`, the same as a Pillow image, if that is at hand, which saves decoding the file.
    """

    path: Path
    role: Role = Role.PRIMARY
    filename: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    placeholder: str | None = None
    picture: Any = field(default=None, compare=False, repr=False)

    @classmethod
    def of_bytes(
        cls,
        content: bytes,
        filename: str,
        role: Role = Role.PRIMARY,
        provenance: dict[str, Any] | None = None,
    ) -> "AssetFile":
        """What is in memory anyway (a provider's answer), and small: no file is made of it."""
        return cls(_named(filename), role, filename, provenance or {}, content)


@lru_cache(maxsize=256)
def _named(filename: str) -> Path:
    """Generators have a name or two for all that they make, and a path is dear to make."""
    return Path(filename)
