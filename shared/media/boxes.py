"""Measures of MP4, M4A and QuickTime: of their boxes, `moov` alone. Source: ISO/IEC 14496-12."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from shared.media.frugal import FrugalFile
from shared.media.measures import Measures


class _Box(NamedTuple):
    kind: bytes
    start: int
    end: int


def measure_boxes(file: FrugalFile) -> Measures:
    """How long it lasts, and the size of its largest picture track as it is shown."""
    scale, units, shown = 0, 0, (0, 0)
    moov = next((box for box in _boxes(file, 0, file.size) if box.kind == b"moov"), None)
    for box in _boxes(file, moov.start, moov.end) if moov else ():
        if box.kind == b"mvhd":
            scale, units = _clock(_content(file, box))
        elif box.kind == b"mvex":
            units = units or _units_in_fragments(file, box)
        elif box.kind == b"trak":
            shown = max(shown, _track_size(file, box), key=lambda size: size[0] * size[1])
    seconds = units / scale if scale and units else None
    return Measures(shown[0] or None, shown[1] or None, seconds)


def _boxes(file: FrugalFile, start: int, end: int) -> Iterator[_Box]:
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if size == 1:
            (size,), header = struct.unpack(">Q", file.read(8)), 16
        stop = start + size if size else end
        if stop < start + header:
            return
        yield _Box(kind, start + header, min(stop, end))
        start = stop


def _content(file: FrugalFile, box: _Box) -> bytes:
    """As much of it as the boxes that are of interest have."""
    file.seek(box.start)
    return file.read(min(128, box.end - box.start))


def _clock(mvhd: bytes) -> tuple[int, int]:
    """Units in a second, and how many of them it lasts."""
    if mvhd[0]:
        return struct.unpack_from(">IQ", mvhd, 20)
    return struct.unpack_from(">II", mvhd, 12)


def _units_in_fragments(file: FrugalFile, mvex: _Box) -> int:
    """A film that was written in fragments says in `mehd` how long it lasts."""
    for box in _boxes(file, mvex.start, mvex.end):
        if box.kind == b"mehd":
            content = _content(file, box)
            return int.from_bytes(content[4:12] if content[0] else content[4:8], "big")
    return 0


def _track_size(file: FrugalFile, trak: _Box) -> tuple[int, int]:
    """Pixels as shown; sounds have none. The matrix says whether it is shown on its side."""
    for box in _boxes(file, trak.start, trak.end):
        if box.kind == b"tkhd":
            content = _content(file, box)
            matrix = 52 if content[0] else 40
            (turned,) = struct.unpack_from(">i", content, matrix + 4)
            width, height = struct.unpack_from(">II", content, matrix + 36)
            size = (round(width / 65536), round(height / 65536))
            return size[::-1] if turned else size
    return (0, 0)
