"""What a font file says of itself: which characters it can draw, and what its family is called.

Read straight from the tables (OpenType specification, "cmap" and "name"), because the library that
sets the text answers neither question.
"""

import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

_FAMILY, _TYPOGRAPHIC_FAMILY, _WINDOWS = 1, 16, 3
_ENGLISH: Final = 0x0409


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters a font has, as sorted ranges of code points."""

    starts: Sequence[int]
    ends: Sequence[int]

    def __contains__(self, char: str) -> bool:
        index = bisect_right(self.starts, ord(char)) - 1
        return index >= 0 and ord(char) <= self.ends[index]


@lru_cache(maxsize=64)
def coverage(path: Path) -> Coverage:
    """The character map of an OpenType file or the first font of a collection."""
    with path.open("rb") as file:
        table = _table(file, b"cmap")
    (count,) = struct.unpack_from(">H", table, 2)
    found: dict[int, int] = {}
    for index in range(count):
        _, _, start = struct.unpack_from(">HHI", table, 4 + 8 * index)
        found[struct.unpack_from(">H", table, start)[0]] = start
    if 12 in found:
        return _groups(table, found[12])
    return _segments(table, found[4]) if 4 in found else Coverage((), ())


def _groups(table: bytes, start: int) -> Coverage:
    """Format 12: sequential groups of (first, last, glyph)."""
    (groups,) = struct.unpack_from(">I", table, start + 12)
    flat = struct.unpack_from(f">{3 * groups}I", table, start + 16)
    return Coverage(flat[0::3], flat[1::3])


def _segments(table: bytes, start: int) -> Coverage:
    """Format 4: the ends of all segments, two bytes of padding, then their starts."""
    count = struct.unpack_from(">H", table, start + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", table, start + 14)
    starts = struct.unpack_from(f">{count}H", table, start + 16 + 2 * count)
    return Coverage(starts[:-1], ends[:-1])  # the last one is 0xFFFF alone, and not a character


def family(path: Path) -> str:
    """The name by which a font is asked for; the file's stem where it has none in English."""
    with path.open("rb") as file:
        table = _table(file, b"name")
    count, texts = struct.unpack_from(">HH", table, 2)
    names: dict[int, str] = {}
    for index in range(count):
        record = struct.unpack_from(">6H", table, 6 + 12 * index)
        platform, _, language, kind, length, offset = record
        if platform == _WINDOWS and language == _ENGLISH:
            start = texts + offset
            names[kind] = table[start : start + length].decode("utf-16-be", "replace")
    return names.get(_TYPOGRAPHIC_FAMILY) or names.get(_FAMILY) or path.stem


def _table(file: BinaryIO, wanted: bytes) -> bytes:
    offset = struct.unpack(">I", _at(file, 12, 4))[0] if _at(file, 0, 4) == b"ttcf" else 0
    (count,) = struct.unpack(">H", _at(file, offset + 4, 2))
    for index in range(count):
        tag, _, start, length = struct.unpack(">4sIII", _at(file, offset + 12 + 16 * index, 16))
        if tag == wanted:
            return _at(file, start, length)
    raise ValueError(f"{file.name}: no {wanted.decode()} table")


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
