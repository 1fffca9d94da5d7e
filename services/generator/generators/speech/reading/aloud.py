"""All the rules in their order: what is special first, signs last."""

import unicodedata
from typing import Final

from services.generator.generators.speech.reading import amounts, calendar, writing
from services.generator.generators.speech.reading.rules import Rule

_RULES: Final[tuple[Rule, ...]] = (
    *writing.ADDRESSES,
    *calendar.RULES,
    *writing.NAMES,
    *amounts.RULES,
    *writing.SIGNS,
)

_BEFORE: Final = str.maketrans(
    {"½": " 1/2", "¼": " 1/4", "¾": " 3/4", "№": "#"}
    | {"ß": "ss", "Æ": "Ae", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "Oe", "œ": "oe", "ı": "i"}
    | {"Ł": "L", "ł": "l", "Þ": "Th", "þ": "th", "Ð": "D", "ð": "d", "Đ": "D", "đ": "d"}
)


def read_aloud(text: str) -> str:
    """One line of English as words and punctuation; "" where there is nothing to say.

    Pictures and signs without a name are left out.
    """
    text = _without_accents(unicodedata.normalize("NFKC", text.translate(_BEFORE)))
    for rule in _RULES:
        text = rule(text)
    text = " ".join(text.split()).strip(" ,;:—-")
    return text if any(char.isalnum() for char in text) else ""


def _without_accents(text: str) -> str:
    """The dictionaries have cafe and naive, not café and naïve."""
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c)))
