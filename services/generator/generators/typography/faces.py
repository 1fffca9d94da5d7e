"""Which fonts a card is set in, and which characters they can draw.

Inter comes with the package, so that cards look alike everywhere. Emoji and CJK are drawn with
Noto where the machine has it; what no font can draw is left out, and said so in the provenance.
"""

import hashlib
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from services.generator.generators.typography.text import EMOJI_STYLE, JOINER

BUNDLED: Final = Path(__file__).parent / "fonts"
EMOJI: Final = "Noto Color Emoji"
SYSTEM_FOLDERS: Final = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/opt/homebrew/share/fonts"),
)

_EMOJI_FILES: Final = ("NotoColorEmoji.ttf",)
_CJK_FILES: Final = ("NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc")
_CJK_REGION: Final = {"ja": "JP", "ko": "KR", "zh": "SC"}
_KEYCAP: Final = "\u20e3"
_INVISIBLE: Final = frozenset({" ", JOINER, EMOJI_STYLE, _KEYCAP})


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters a font has, as sorted ranges of code points."""

    starts: Sequence[int]
    ends: Sequence[int]

    def __contains__(self, char: str) -> bool:
        index = bisect_right(self.starts, ord(char)) - 1
        return index >= 0 and ord(char) <= self.ends[index]


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The fonts for one card: files, and family names to fall back to after Inter."""

    files: tuple[Path, ...]
    fallback: tuple[str, ...]
    omitted: str

    def drawable(self, value: str) -> str:
        """`value` without what these fonts cannot draw."""
        gone = set(self.omitted)
        if EMOJI not in self.fallback:
            gone |= _INVISIBLE - {" "}
        return " ".join("".join(char for char in value if char not in gone).split())

    def hashes(self) -> dict[str, str]:
        """SHA-256 of each file, by name."""
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(self.files)
        }


def choose(text: str, language: str, folders: Iterable[Path] = SYSTEM_FOLDERS) -> FontChoice:
    """The fonts that draw `text`: Inter, and what else it needs and `folders` have."""
    bundled = tuple(sorted(BUNDLED.glob("*.otf")))
    inter = coverage(BUNDLED / "InterDisplay-Bold.otf")
    missing = {char for char in text if char not in _INVISIBLE and char not in inter}
    if not missing and not _INVISIBLE.intersection(text) - {" "}:
        return FontChoice(bundled, (), "")
    searched = tuple(folders)
    families = (
        (EMOJI, _found(_EMOJI_FILES, searched)),
        (f"Noto Sans CJK {_CJK_REGION.get(language, 'SC')}", _found(_CJK_FILES, searched)),
    )
    files, names = list(bundled), []
    for family, paths in families:
        drawn = {char for char in missing if paths and char in coverage(paths[0])}
        if drawn or (paths and family == EMOJI and EMOJI_STYLE in text):
            files += paths
            names.append(family)
            missing -= drawn
    return FontChoice(tuple(files), tuple(names), "".join(sorted(missing)))


def _found(names: Iterable[str], folders: Iterable[Path]) -> list[Path]:
    hits = ((name, folder) for name in names for folder in folders)
    return [path for name, folder in hits for path in sorted(folder.rglob(name))[:1]]


def coverage(path: Path) -> Coverage:
    """The format 12 character map of an OpenType file or the first font of a collection.

    OpenType specification, "cmap": sequential groups of (first, last, glyph).
    """
    with path.open("rb") as file:
        offset = struct.unpack(">I", _at(file, 12, 4))[0] if _at(file, 0, 4) == b"ttcf" else 0
        table = _table(file, offset, b"cmap")
    (count,) = struct.unpack_from(">H", table, 2)
    for index in range(count):
        _, _, start = struct.unpack_from(">HHI", table, 4 + 8 * index)
        if struct.unpack_from(">H", table, start)[0] == 12:
            (groups,) = struct.unpack_from(">I", table, start + 12)
            flat = struct.unpack_from(f">{3 * groups}I", table, start + 16)
            return Coverage(flat[0::3], flat[1::3])
    return Coverage((), ())


def _table(file: BinaryIO, offset: int, wanted: bytes) -> bytes:
    (count,) = struct.unpack(">H", _at(file, offset + 4, 2))
    for index in range(count):
        tag, _, start, length = struct.unpack(">4sIII", _at(file, offset + 12 + 16 * index, 16))
        if tag == wanted:
            return _at(file, start, length)
    raise ValueError(f"{file.name}: no {wanted.decode()} table")


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
