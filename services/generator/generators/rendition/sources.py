"""The file that a rendition is made of: told by its own bytes, and measured, then decoded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from services.generator.derivation.opening import UndecodableError, check_pixels
from services.generator.derivation.visuals import FILMS, PDF, PICTURES
from shared.errors import InvalidInputError
from shared.generators import InputFile
from shared.media import Measures, measure, sniff

SOUNDS = {
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/mp4": "mp4",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/3gpp": "mov",
    "video/webm": "matroska",
    "video/matroska": "matroska",
}
"""Media types with sound in them, and the demuxer for each."""


class Source(NamedTuple):
    """An input file, and what it is."""

    id: str
    file: InputFile
    media_type: str
    measures: Measures

    @property
    def visual(self) -> bool:
        return self.media_type in PICTURES or self.media_type in FILMS or self.media_type == PDF


def visual_source(asset_id: str, file: InputFile) -> Source:
    """Something to be seen. Raises `InvalidInputError`, which names the asset."""
    source = _source(asset_id, file)
    if not source.visual:
        raise _unsuitable(source, "a picture (PNG, JPEG, WebP, AVIF, GIF, TIFF), a film or a PDF")
    with told_of(asset_id):
        check_pixels(source.measures.width or 0, source.measures.height or 0)
    return source


def heard_source(asset_id: str, file: InputFile) -> Source:
    """Something to be heard. Raises the same."""
    source = _source(asset_id, file)
    if source.media_type not in SOUNDS:
        raise _unsuitable(source, "a sound (MP3, Ogg, M4A, FLAC, WAV) or a film with sound")
    return source


@contextmanager
def told_of(asset_id: str) -> Iterator[None]:
    """What cannot be decoded is a fault of the input, and the sentence begins with the asset."""
    try:
        yield
    except UndecodableError as error:
        raise InvalidInputError(f"source: the asset {asset_id} {error}") from error


def _source(asset_id: str, file: InputFile) -> Source:
    if not file.size or not file.path.stat().st_size:
        raise InvalidInputError(f"source: the asset {asset_id} is empty")
    media_type = sniff(file.path)
    return Source(asset_id, file, media_type, measure(file.path, media_type))


def _unsuitable(source: Source, wanted: str) -> InvalidInputError:
    vector = " Vector graphics are not drawn here: upload a picture of it."
    return InvalidInputError(
        f"source: the asset {source.id} is {source.media_type}, and {wanted} is needed."
        + (vector if source.media_type == "image/svg+xml" else "")
    )
