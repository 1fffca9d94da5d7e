"""How long sounds last: WAV by Python's own reader, MP3 and FLAC by tinytag, Ogg by its last page.

An Ogg page says how many samples have been heard at its end (RFC 3533), so the first page, for the
rate, and the last one are enough.
"""

import struct
import wave
from typing import Any, Final

from shared.media.frugal import FrugalFile

_TAIL: Final = 128 * 1024
_OPUS_RATE: Final = 48_000


def seconds_of(file: FrugalFile, media_type: str) -> float | None:
    """What the header says. Raises whatever a broken one leads to."""
    if media_type == "audio/wav":
        return _wave_seconds(file)
    if media_type == "audio/ogg":
        return _ogg_seconds(file)
    from tinytag import TinyTag  # noqa: PLC0415 - see __init__

    found: Any = file
    seconds = TinyTag.get(file_obj=found, tags=False).duration
    return seconds or None


def _wave_seconds(file: FrugalFile) -> float:
    source: Any = file
    with wave.open(source) as sound:
        return float(sound.getnframes() / sound.getframerate())


def _ogg_seconds(file: FrugalFile) -> float | None:
    head = file.read(512)
    serial, packet = head[14:18], head[27 + head[26] :]
    if packet.startswith(b"OpusHead"):
        rate, skipped = _OPUS_RATE, int.from_bytes(packet[10:12], "little")
    elif packet.startswith(b"\x01vorbis"):
        rate, skipped = int.from_bytes(packet[12:16], "little"), 0
    elif packet.startswith(b"\x7fFLAC"):
        rate, skipped = int.from_bytes(packet[27:30], "big") >> 4, 0
    else:
        return None
    samples = _last_position(file, serial) - skipped
    return samples / rate if rate and samples > 0 else None


def _last_position(file: FrugalFile, serial: bytes) -> int:
    """Samples at the end of the last page of the stream; -1 on a page on which nothing ends."""
    file.seek(max(0, file.size - _TAIL))
    tail = file.read(_TAIL)
    place = len(tail)
    while (place := tail.rfind(b"OggS", 0, place)) >= 0:
        (position,) = struct.unpack_from("<q", tail, place + 6)
        if tail[place + 14 : place + 18] == serial and position >= 0:
            return int(position)
    return -1
