"""How large a picture is and how long a sound or film lasts, from the file's header alone.

Read in Python only, and only so much of it: the bytes may be a stranger's, and whoever asks is a
process that must live, with others waiting for the same event loop.
"""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from shared.media.boxes import measure_boxes
from shared.media.elements import measure_elements
from shared.media.frugal import FrugalFile
from shared.media.measures import NOTHING, Measures
from shared.media.sounds import seconds_of

__all__ = ["NOTHING", "Measures", "measure", "measure_bytes"]

_BOXES: Final = frozenset({"video/mp4", "video/quicktime", "video/3gpp", "audio/mp4"})
_ELEMENTS: Final = frozenset({"video/webm", "video/matroska"})
_SOUNDS: Final = frozenset({"audio/wav", "audio/mpeg", "audio/flac", "audio/ogg"})
_LONGEST: Final = 1_000_000.0
"""Seconds; what claims to last longer does not say how long it lasts."""


def measure(source: Path | BinaryIO, media_type: str) -> Measures:
    """What the header says; a header that cannot be read says nothing."""
    if not media_type.startswith("image/") and media_type not in _BOXES | _ELEMENTS | _SOUNDS:
        return NOTHING
    if isinstance(source, Path):
        with source.open("rb") as file:
            return measure(file, media_type)
    try:
        return _plausible(_measured(FrugalFile(source), media_type))
    except Exception:
        return NOTHING


def measure_bytes(content: bytes, media_type: str) -> Measures:
    """The same for what is in memory."""
    return NOTHING if media_type.startswith("text/") else measure(BytesIO(content), media_type)


def _measured(file: FrugalFile, media_type: str) -> Measures:
    if media_type in _BOXES:
        return measure_boxes(file)
    if media_type in _ELEMENTS:
        return measure_elements(file)
    if media_type in _SOUNDS:
        return Measures(duration=seconds_of(file, media_type))
    if media_type == "image/gif":  # imagesize takes large ones for negative
        return Measures(*struct.unpack("<HH", file.read(10)[6:]))
    import imagesize  # noqa: PLC0415 - see __init__

    seen: Any = file
    width, height = imagesize.get(seen)
    return Measures(round(width), round(height))


def _plausible(measures: Measures) -> Measures:
    """Without numbers that no picture and no sound has."""
    width, height, seconds = measures.width, measures.height, measures.duration
    sized = width and height and 0 < width < 2**31 and 0 < height < 2**31
    lasting = seconds is not None and 0 < seconds < _LONGEST
    return Measures(
        width if sized else None, height if sized else None, seconds if lasting else None
    )
