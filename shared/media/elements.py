"""Measures of WebM and Matroska, from what stands before the first cluster. Source: RFC 9559."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.media.frugal import FrugalFile
from shared.media.measures import Measures

_SEGMENT: Final = 0x18538067
_CLUSTER: Final = 0x1F43B675
_INFO, _SCALE, _DURATION = 0x1549A966, 0x2AD7B1, 0x4489
_TRACKS, _TRACK, _VIDEO, _WIDTH, _HEIGHT = 0x1654AE6B, 0xAE, 0xE0, 0xB0, 0xBA
_HOLDING: Final = frozenset({_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO})
_NANOSECONDS: Final = 1_000_000_000


class _Element(NamedTuple):
    id: int
    start: int
    end: int


def measure_elements(file: FrugalFile) -> Measures:
    """How long it lasts, and the size of its picture."""
    found: dict[int, float] = {_SCALE: 1_000_000}
    for element in _elements(file, 0, file.size):
        if element.id in {_SCALE, _WIDTH, _HEIGHT}:
            found[element.id] = int.from_bytes(_content(file, element), "big")
        elif element.id == _DURATION:
            content = _content(file, element)
            (found[element.id],) = struct.unpack(">d" if len(content) == 8 else ">f", content)
    seconds = found.get(_DURATION, 0) * found[_SCALE] / _NANOSECONDS
    width, height = int(found.get(_WIDTH, 0)), int(found.get(_HEIGHT, 0))
    return Measures(width or None, height or None, seconds if seconds > 0 else None)


def _elements(file: FrugalFile, start: int, end: int) -> Iterator[_Element]:
    """All, in order, with those inside of them. A size of only ones means: to the end."""
    while start < end:
        file.seek(start)
        kind, _ = _number(file)
        if kind == _CLUSTER:
            return
        size, bits = _number(file)
        size &= (1 << bits) - 1
        at = file.tell()
        unknown = size == (1 << bits) - 1
        element = _Element(kind, at, end if unknown else min(at + size, end))
        yield element
        start = at if kind in _HOLDING else element.end


def _number(file: FrugalFile) -> tuple[int, int]:
    """A number with the bit that says how long it is, and the bits that follow that one."""
    first = file.read(1)
    more = 8 - first[0].bit_length()
    if more > 7:
        raise ValueError("no number begins with nine zeros")
    return int.from_bytes(first + file.read(more), "big"), 7 * (more + 1)


def _content(file: FrugalFile, element: _Element) -> bytes:
    file.seek(element.start)
    return file.read(min(8, element.end - element.start))
