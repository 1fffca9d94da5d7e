"""Results with their placeholders, and with a thumbnail after them where they bring none."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from services.generator.derivation.visuals import FILMS, PDF, PICTURES, media_type_of
from shared.generators import AssetFile, Role

if TYPE_CHECKING:
    from PIL import Image

LONGEST: Final = 512
"""Pixels on the longer side of a thumbnail."""
LARGEST: Final = 512 * 1024
"""Bytes that a thumbnail may have; many more than it needs."""
MOST_FILES: Final = 100
"""Assets that one job may have."""
MOST_PICTURES: Final = 24
"""So many pictures of a job get a placeholder."""
_LIGHT: Final = 32 * 1024
_QUALITY, _EFFORT = 80, 2


def derive(files: Sequence[AssetFile]) -> list[AssetFile]:
    """All of `files`; the primary one has been looked at first, and gets the thumbnail.

    What cannot be decoded stays as it is, and its provenance says why.
    """
    primary = next((n for n, file in enumerate(files) if file.role is Role.PRIMARY), None)
    wanted = len(files) < MOST_FILES and all(file.role is not Role.THUMBNAIL for file in files)
    done, extra, left = list(files), list[AssetFile](), MOST_PICTURES
    for number, file in enumerate(files):
        kind = media_type_of(file)
        if not left or not (_is_picture(file, kind) or (number == primary and _moves(kind))):
            continue
        left -= 1
        begun = perf_counter()
        try:
            seen = _seen(file, kind)
            done[number] = _with_placeholder(file, seen.picture)
            if wanted and number == primary and (small := _thumbnail(file, seen)):
                extra.append(_described(small, file, begun))
        except Exception as error:
            done[number] = _noted(file, error)
    return done + extra


def _is_picture(file: AssetFile, kind: str) -> bool:
    """Also what cannot be decoded, vector graphics, where a picture of it is at hand."""
    return kind in PICTURES or file.picture is not None


def _moves(kind: str) -> bool:
    """Films and documents: only of the primary one is anything made."""
    return kind in FILMS or kind == PDF


class _Seen(NamedTuple):
    """A small picture of a result, and whether that is as large as a thumbnail itself."""

    picture: "Image.Image"
    small: bool = False


def _seen(file: AssetFile, kind: str) -> _Seen:
    """What decodes is imported where there is something to decode."""
    from services.generator.derivation import films, opening, pages  # noqa: PLC0415

    if file.picture is not None:
        small = max(file.picture.size) <= LONGEST
        return _Seen(opening.reduced(file.picture, LONGEST), small)
    source = _source(file)
    if kind in FILMS:
        return _Seen(films.best_still(source, kind, LONGEST))
    if kind == PDF:
        return _Seen(pages.page_picture(source, 1, longest=LONGEST))
    with opening.opened(source, kind) as picture:
        small = max(picture.size) <= LONGEST
        return _Seen(opening.reduced(picture, LONGEST), small)


def _source(file: AssetFile) -> Path | BinaryIO:
    return file.path if file.content is None else BytesIO(file.content)


def _with_placeholder(file: AssetFile, picture: "Image.Image") -> AssetFile:
    from services.generator.derivation.placeholders import placeholder  # noqa: PLC0415

    return replace(file, placeholder=file.placeholder or placeholder(picture))


def _thumbnail(file: AssetFile, seen: _Seen) -> bytes | None:
    """As WebP; None where the picture itself is as small, in pixels and in bytes."""
    size = _size(file)
    if seen.small and size <= _LIGHT:
        return None
    made = BytesIO()
    seen.picture.save(made, format="WEBP", quality=_QUALITY, method=_EFFORT)
    return None if seen.small and made.tell() >= size else made.getvalue()


def _size(file: AssetFile) -> int:
    return file.path.stat().st_size if file.content is None else len(file.content)


def _described(content: bytes, file: AssetFile, begun: float) -> AssetFile:
    stages = {"thumbnail": round(perf_counter() - begun, 4)}
    provenance = {"made_from": file.filename or file.path.name, "stages": stages}
    return AssetFile.of_bytes(content, "thumbnail.webp", Role.THUMBNAIL, provenance)


def without_thumbnail(file: AssetFile, reason: str) -> AssetFile:
    """The same, with a word in the provenance of the primary one about what is missing."""
    return _explained(file, reason) if file.role is Role.PRIMARY else file


def _noted(file: AssetFile, error: Exception) -> AssetFile:
    from services.generator.derivation.opening import UndecodableError  # noqa: PLC0415

    reason = str(error) if isinstance(error, UndecodableError) else f"raised {error!r}"
    print(f"no thumbnail: {file.path.name} {reason}", file=sys.stderr)
    return _explained(file, reason)


def _explained(file: AssetFile, reason: str) -> AssetFile:
    return replace(file, provenance={**file.provenance, "not_decoded": reason})
