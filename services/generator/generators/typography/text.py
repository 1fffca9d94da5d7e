"""What people type, made safe to set: no controls, no bidi tricks, no towers of accents."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

JOINER: Final = "\u200d"
NON_JOINER: Final = "\u200c"
EMOJI_STYLE: Final = "\ufe0f"
BREAK: Final = "\u200b"
WORD_JOINER: Final = "\u2060"
LONG_WORD: Final = 18

_GONE: Final = {"Cc", "Cf", "Cs", "Co", "Cn"}
_MARKS: Final = {"Mn", "Me"}
_MOST_MARKS: Final = 2
_KOREAN: Final = re.compile("(?<=[\uac00-\ud7a3])(?=[\uac00-\ud7a3])")
_IDEOGRAPHS: Final = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff"
_PIECE: Final = re.compile(f"[{_IDEOGRAPHS}]|[^{_IDEOGRAPHS}\\s\\-–—]+[-–—]?")
FROM_RIGHT: Final = ("he", "ar")
"""The languages that `language` tells of which lines begin on the right."""
_FROM_THE_RIGHT: Final = {"R": "he", "AL": "ar"}
_ADDRESS_SCHEME: Final = re.compile(r"^https?://(www\.)?", re.IGNORECASE)


def cleaned(value: str) -> str:
    """`value` on one line, composed (NFC), without what cannot or must not be drawn."""
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in value)
    kept = "".join(_drawable(unicodedata.normalize("NFC", spaced)))
    return " ".join(kept.split())


def something_left(value: str) -> str:
    """`value`, which was cleaned. Raises `ValueError` when nothing of it is left to draw."""
    if not value:
        raise ValueError("nothing to draw: only spaces, control or invisible characters")
    return value


def _drawable(value: str) -> Iterator[str]:
    marks = 0
    for index, char in enumerate(value):
        category = unicodedata.category(char)
        if char == JOINER:
            if _joins_pictures(value, index):
                yield char
            continue
        if char == NON_JOINER:
            if _parts_letters(value, index):
                yield char
            continue
        marks = marks + 1 if category in _MARKS and char != EMOJI_STYLE else 0
        if category not in _GONE and marks <= _MOST_MARKS:
            yield char


def _joins_pictures(value: str, index: int) -> bool:
    """Whether the joiner at `index` stands between two pictographs: a family, a flag, a trade."""
    before = value[:index].rstrip(EMOJI_STYLE)[-1:]
    after = value[index + 1 : index + 2]
    return all(c and unicodedata.category(c) in {"So", "Sk"} for c in (before, after))


def _parts_letters(value: str, index: int) -> bool:
    """Whether the non-joiner at `index` keeps two letters of a joining script apart (Persian)."""
    around = (value[:index][-1:], value[index + 1 : index + 2])
    return all(c and unicodedata.category(c) in {"Lo", "Mn", "Mc"} for c in around)


def breakable(value: str) -> str:
    """`value` with a chance to break between any two letters of words that are too long to set."""
    return " ".join(
        BREAK.join(_clusters(word)) if len(word) > LONG_WORD else word for word in value.split(" ")
    )


def _clusters(word: str) -> list[str]:
    """Letters with all that must stay with them: accents, picture styles, joined pictures."""
    clusters: list[str] = []
    for char in word:
        joined = clusters and (clusters[-1][-1] == JOINER or char == JOINER)
        if clusters and (joined or unicodedata.category(char) in _MARKS | {"Mc", "Sk"}):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def whole_words(value: str) -> str:
    """`value` with Korean words kept whole: lines there break between words, as in English."""
    return _KOREAN.sub(WORD_JOINER, value)


def unbreakable_pieces(value: str, most: int = 12) -> list[str]:
    """The longest stretches of `value` that a line cannot break, longest first."""
    return sorted(set(_PIECE.findall(value)), key=lambda piece: (-len(piece), piece))[:most]


def language(value: str) -> str:
    """The language whose letter shapes, line breaks and direction suit; en where none stands out.

    Asian ones by any letter of theirs; those written from right to left, by what comes first.
    """
    for char in value:
        direction = unicodedata.bidirectional(char)
        if direction in _FROM_THE_RIGHT:
            return _FROM_THE_RIGHT[direction]
        if direction == "L":
            break
    if re.search("[\u3040-\u30ff]", value):
        return "ja"
    if re.search("[\uac00-\ud7af\u1100-\u11ff]", value):
        return "ko"
    return "zh" if re.search(f"[{_IDEOGRAPHS}]", value) else "en"


def needs_room(value: str) -> bool:
    """Whether `value` has letters taller than capitals (É, 日, an emoji)."""
    return any(map(_tall, value))


def is_deep(value: str) -> bool:
    """Whether `value` has letters that hang lower than a g does (Arabic, Devanagari, Thai)."""
    return any(unicodedata.category(c) == "Lo" and 0x0600 <= ord(c) < 0x2000 for c in value)


def _tall(char: str) -> bool:
    category = unicodedata.category(char)
    if category in {"So", "Lo"}:
        return ord(char) > 0x0590
    accented = char.isupper() and unicodedata.normalize("NFD", char) != char
    return accented or category in _MARKS


def shown_address(value: str) -> str:
    """An address as people write it: no scheme, no `www.`, no slash at the end."""
    return _ADDRESS_SCHEME.sub("", value).rstrip("/")


def initial(brand: str) -> str:
    """The letter for a brand's mark."""
    return next((char.upper() for char in brand if char.isalnum()), "")[:1]
