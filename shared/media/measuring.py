"""How large a picture is and how long a sound lasts, from the file's header alone."""

import wave
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import imagesize


@dataclass(frozen=True, slots=True)
class Measures:
    """Width and height in pixels, duration in seconds; None where it has none or none is known."""

    width: int | None = None
    height: int | None = None
    duration: float | None = None


NOTHING = Measures()


def measure(source: Path | BinaryIO, media_type: str) -> Measures:
    """What the header says; a header that cannot be read says nothing."""
    if media_type.startswith("image/"):
        width, height = imagesize.get(str(source) if isinstance(source, Path) else source)
        return Measures(width, height) if width > 0 and height > 0 else Measures()
    if media_type == "audio/wav":
        return Measures(duration=_wave_seconds(source))
    return NOTHING


def measure_bytes(content: bytes, media_type: str) -> Measures:
    """The same for what is in memory."""
    return NOTHING if media_type.startswith("text/") else measure(BytesIO(content), media_type)


def _wave_seconds(source: Path | BinaryIO) -> float | None:
    try:
        with wave.open(str(source) if isinstance(source, Path) else source) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        return None
