"""Pictures into files. Metadata stays behind unless asked for: it may say where one lives."""

from pathlib import Path
from typing import Any, Final

from services.generator.generators.rendition.inputs import RenditionInput
from services.generator.generators.rendition.rules import MOST_PIXELS, MOST_PIXELS_OF
from services.generator.generators.rendition.vips import library
from shared.errors import InvalidInputError

QUALITY: Final = {"jpeg": 82, "webp": 80, "avif": 58}
LONGEST: Final = {"webp": 16_383, "avif": 16_384, "jpeg": 65_535}


def save(picture: Any, path: Path, kind: str, asked: RenditionInput) -> None:
    """Write it. Raises `InvalidInputError` for more pixels than the format takes."""
    _check(picture, kind)
    quality = asked.quality or QUALITY.get(kind, 0)
    keep = library().enums.ForeignKeep
    flags = keep.EXIF | keep.XMP | keep.IPTC if asked.keep_metadata else keep.NONE
    common: dict[str, Any] = {"keep": flags}
    target = str(path)
    match kind:
        case "jpeg":
            picture.jpegsave(target, Q=quality, optimize_coding=True, interlace=True, **common)
        case "webp":
            picture.webpsave(target, Q=quality, effort=4, smart_subsample=True, **common)
        case "avif":
            picture.heifsave(target, Q=quality, compression="av1", effort=3, **common)
        case _:
            picture.pngsave(target, compression=7, **common)


def _check(picture: Any, kind: str) -> None:
    most = MOST_PIXELS_OF.get(kind, MOST_PIXELS)
    if picture.width * picture.height > most:
        raise InvalidInputError(
            f"format: {picture.width} x {picture.height} pixels are too many for {kind}, "
            f"{most // 1_000_000} megapixels are made at most: ask for a smaller width"
        )
    longest = LONGEST.get(kind, 65_535)
    if max(picture.width, picture.height) > longest:
        raise InvalidInputError(
            f"format: a side of {kind} has {longest:,} pixels at most: ask for a smaller width"
        )
