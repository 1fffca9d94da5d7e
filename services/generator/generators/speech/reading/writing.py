"""Addresses, abbreviations, names with capitals inside, and signs."""

import re
from re import Match
from typing import Final

from services.generator.generators.speech.reading import numbers
from services.generator.generators.speech.reading.rules import Rule, rule

_ENDINGS: Final = "com|org|net|io|dev|ai|co|edu|gov|app|info|uk|de|eu|fr|us|me|tv|ly|fm"
_HOST: Final = rf"(?:[A-Za-z0-9-]+\.)+(?:{_ENDINGS})"
_SPELLED: Final = frozenset(
    {"uk", "io", "ai", "eu", "de", "fr", "tv", "fm", "html", "pdf", "php", "css", "png", "jpg"}
)
_ROMAN: Final = r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_NUMBERED: Final = "Chapter|Part|Book|Volume|Act|Scene|Section|War|Phase|Title|Class|Type|Stage"
_ABBREVIATIONS: Final = {
    "Mr": "Mister",
    "Mrs": "Missus",
    "Ms": "Miz",
    "Dr": "Doctor",
    "Prof": "Professor",
    "Jr": "Junior",
    "Sr": "Senior",
    "Ave": "Avenue",
    "Rd": "Road",
    "Blvd": "Boulevard",
    "Inc": "Incorporated",
    "Ltd": "Limited",
    "Corp": "Corporation",
    "Dept": "Department",
    "approx": "approximately",
    "vs": "versus",
    "etc": "et cetera",
    "est": "estimated",
    "Fig": "Figure",
    "fig": "figure",
    "Vol": "Volume",
}
_LEXICON: Final = {
    "PostgreSQL": "Postgres Q L",
    "MySQL": "my S Q L",
    "SQLite": "S Q light",
    "JSON": "Jason",
    "YAML": "yammel",
    "GUI": "gooey",
    "JPEG": "jay peg",
    "nginx": "engine x",
    "async": "ay sink",
    "OAuth": "oh auth",
    "GitHub": "git hub",
    "macOS": "mac O S",
    "WebP": "web P",
    "LaTeX": "lay tech",
}
_SIGNS: Final = {
    "&": "and",
    "+": "plus",
    "=": "equals",
    "×": "times",
    "÷": "divided by",
    "±": "plus or minus",
    "≈": "about",
    "≤": "at most",
    "≥": "at least",
    "<": "less than",
    ">": "greater than",
    "→": "to",
    "@": "at",
    "%": "percent",
    "°": "degrees",
    "π": "pi",
    "µ": "micro",
    "Ω": "ohm",
    "©": "copyright",
    "§": "section",
    "$": "dollar",
    "€": "euro",
    "£": "pound",
}


def _address(match: Match[str]) -> str:
    host, path = match[1], (match[2] or "").split("?")[0].split("#")[0].strip("/")
    parts = [_dotted(host), *(_dotted(part) for part in path.split("/") if part)]
    return " slash ".join(parts)


def _dotted(text: str) -> str:
    labels = re.sub(r"[-_]+", " ", text).split(".")
    return " dot ".join(label.upper() if label in _SPELLED else label for label in labels)


def _numbered(match: Match[str]) -> str:
    return f"{match[1]} {numbers.cardinal(numbers.roman(match[2]))}"


def _of_that_name(match: Match[str]) -> str:
    return f"{match[1]} the {numbers.ordinal(numbers.roman(match[2]))}"


def _mail(match: Match[str]) -> str:
    return f"{_dotted(match[1])} at {_dotted(match[2])}"


def _phone(match: Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    return ", ".join(numbers.digits(group) for group in groups)


def _saint_or_street(match: Match[str]) -> str:
    return "Saint " if match[1] else "Street" + match[2]


def _sign(match: Match[str]) -> str:
    return f" {_SIGNS[match.group()]} "


ADDRESSES: Final[tuple[Rule, ...]] = (
    rule(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)\b", _mail),
    rule(r"\bhttps?://(?:www\.)?([\w.-]+)((?:/[^\s,;!\")]*)?(?<![.?]))", _address),
    rule(rf"\b(?:www\.)?({_HOST})((?:/[\w./?=&#-]*\w)?)(?![\w-])", _address),
    rule(r"(?<!\d)(?:\+\d{1,3} ?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?!\d)", _phone),
    rule(r"(?<![\d-])\d{3}-\d{4}(?![\d-])", _phone),
)
NAMES: Final[tuple[Rule, ...]] = (
    rule(r"\be\.g\.,?", "for example,"),
    rule(r"\bi\.e\.,?", "that is,"),
    rule(r"\b[Nn]o\. ?(?=\d)|№ ?(?=\d)|#(?=\d)", "number "),
    rule(r"#(?=\w)", "hashtag "),
    rule(r"\bSt\. (?=([A-Z]))|\bSt\.()", _saint_or_street),
    rule(
        rf"\b({'|'.join(_ABBREVIATIONS)})\.(?=(\s+[a-z\d]|[,;:]|\s*$))?",
        lambda m: _ABBREVIATIONS[m[1]],
    ),
    rule(rf"\b({_NUMBERED}) ({_ROMAN})\b(?!')", _numbered),
    rule(rf"\b([A-Z][a-z]+) ((?=[IVX]{{2}}){_ROMAN})\b", _of_that_name),
    rule(r"(?<=[A-Za-z]{2})([,.;:!?])(?=[A-Z])|(?<=[A-Za-z]{2})([,;!?])(?=[a-z])", r"\1\2 "),
    rule(r"\bw/o\b", "without"),
    rule(r"\bw/(?=\s)", "with"),
    rule(r"\bv(?=\d)", "version "),
    rule(rf"\b({'|'.join(_LEXICON)})\b", lambda m: _LEXICON[m[1]]),
    rule(r"\b([A-Z]{2,})s\b", r"\1's"),
    rule(r"(?<=[a-z])(?<!\bMc)(?<!\bMac)(?<!\bDe)(?=[A-Z])", " "),
)
SIGNS: Final[tuple[Rule, ...]] = (
    rule(r"\.{3,}", "…"),
    rule(r"\s+--?\s+|--+", " — "),
    rule(r"\s*[–—]\s*", " — "),
    rule(r"\band/or\b", "and or"),
    rule(r"/(?=(?:second|minute|hour|day|night|week|month|year|user|person|seat)\b)", " per "),
    rule(r"(?<=\w)/(?=\w)", " or "),
    rule("[" + re.escape("".join(_SIGNS)) + "]", _sign),
    rule(r"[^\w\s;:,.!?…—\"“”()'’-]|_", " "),
    rule(r"(?<![\w])['’-]+(?=\s|$)", " "),
    rule(r"([.,;:!?…])(?:\s*[.,;:])+", r"\1"),
    rule(r"\s+(?=[.,;:!?…])", ""),
)
