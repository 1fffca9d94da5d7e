"""What the simulators make: the same wish, the same file."""

import io
import math
import struct
import wave
import zlib
from typing import Any

from services.generator.generators.flaky import picture


def png_of(*wish: Any) -> bytes:
    """A small picture that comes from the wish."""
    return picture(zlib.crc32(repr(wish).encode()))


def wav_of(text: str, seconds: float = 0.2, rate: int = 8000) -> bytes:
    """A tone whose pitch comes from the text."""
    pitch = 200 + zlib.crc32(text.encode()) % 400
    samples = (math.sin(2 * math.pi * pitch * n / rate) for n in range(int(seconds * rate)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * sample)) for sample in samples))
    return file.getvalue()
