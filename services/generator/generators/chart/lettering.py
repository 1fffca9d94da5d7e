"""How wide text is, and how it is made to fit. One point is one pixel.

Widths come from the fonts themselves; of characters that Inter lacks (an emoji, 日) they are
estimates.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from PIL import ImageFont

from services.generator.generators.typography.faces import BUNDLED, coverage
from services.generator.generators.typography.text import BREAK, breakable

_EM: Final = 1000
_FILES: Final = {
    ("Inter", 500): "Inter-Medium.otf",
    ("Inter", 600): "Inter-SemiBold.otf",
    ("Inter Display", 500): "InterDisplay-Medium.otf",
    ("Inter Display", 700): "InterDisplay-Bold.otf",
}


@dataclass(frozen=True, slots=True)
class Style:
    """Size in pixels, and which of the fonts that come along."""

    size: float
    weight: int = 500
    face: str = "Inter"
    tracking: float = 0.0

    def width(self, value: str) -> float:
        """How wide `value` is on one line, in pixels."""
        per_em = _length(value, self.face, self.weight) + self.tracking * len(value)
        return per_em * self.size


@lru_cache(maxsize=8)
def _font(face: str, weight: int) -> ImageFont.FreeTypeFont:
    path = BUNDLED / _FILES[face, weight]
    return ImageFont.truetype(str(path), _EM, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=20_000)
def _length(value: str, face: str, weight: int) -> float:
    known = _known()
    own = "".join(char for char in value if char in known)
    foreign = sum(_square(char) for char in value if char not in known)
    return _font(face, weight).getlength(own) / _EM + foreign


def _square(char: str) -> float:
    """About how wide a character is that Inter lacks, in em: generous, never too little."""
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0.0
    if ord(char) > 0xFFFF:
        return 1.28
    return 1.0 if unicodedata.east_asian_width(char) in {"W", "F"} else 0.72


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    table = coverage(BUNDLED / "Inter-Medium.otf")
    ranges = zip(table.starts, table.ends, strict=True)
    return frozenset(chr(code) for low, high in ranges for code in range(low, high + 1))


def shortened(value: str, style: Style, width: float) -> str:
    """`value`, cut with an ellipsis where it is wider than `width`."""
    if style.width(value) <= width:
        return value
    low, high = 0, len(value)
    while low + 1 < high:
        middle = (low + high) // 2
        fits = style.width(value[:middle].rstrip() + "…") <= width
        low, high = (middle, high) if fits else (low, middle)
    return value[:low].rstrip() + "…"


def wrapped(value: str, style: Style, width: float, most: int) -> list[str]:
    """`value` on `most` lines at most, of like length; the last is cut where it does not fit."""
    if not value:
        return []
    lines = _filled(value, style, width)
    if len(lines) > most:
        rest = "".join(lines[most - 1 :]) if _tight(value) else " ".join(lines[most - 1 :])
        return [*lines[: most - 1], shortened(rest, style, width)]
    return _balanced(value, style, width, lines)


def _balanced(value: str, style: Style, width: float, lines: list[str]) -> list[str]:
    """The narrowest setting with as many lines, and no other word broken: no orphan at the end."""
    words = [style.width(word) for word in value.split(" ")]
    low, high = max(width * 0.5, *(word for word in words if word <= width), 0), width
    for _ in range(7 if len(lines) > 1 else 0):
        middle = (low + high) / 2
        tried = _filled(value, style, middle)
        if len(tried) <= len(lines):
            high, lines = middle, tried
        else:
            low = middle
    return lines


def _filled(value: str, style: Style, width: float) -> list[str]:
    lines: list[str] = []
    for word, glue in _pieces(value, style, width):
        joined = f"{lines[-1]}{glue}{word}" if lines else word
        if lines and style.width(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _pieces(value: str, style: Style, width: float) -> list[tuple[str, str]]:
    """What must stay on one line, and what joins it to the one before."""
    pieces: list[tuple[str, str]] = []
    for word in value.split(" "):
        if style.width(word) <= width:
            pieces.append((word, " "))
            continue
        broken = breakable(word) if len(word) > 18 else BREAK.join(word)
        pieces += [(part, "" if i else " ") for i, part in enumerate(broken.split(BREAK))]
    return pieces


def _tight(value: str) -> bool:
    return " " not in value
