"""Money, measures, percentages, fractions, ranges and plain numbers."""

import re
from re import Match
from typing import Final

from services.generator.generators.speech.reading import numbers
from services.generator.generators.speech.reading.rules import NUMBER, Rule, rule

_CURRENCIES: Final = {
    "$": ("dollar", "cent"),
    "€": ("euro", "cent"),
    "£": ("pound", "penny"),
    "¥": ("yen", ""),
    "₹": ("rupee", "paisa"),
}
_SCALES: Final = {
    "k": "thousand",
    "m": "million",
    "bn": "billion",
    "b": "billion",
    "tn": "trillion",
}
_SCALE_WORDS: Final = "thousand|million|billion|trillion"
_UNITS: Final = {
    "km/h": "kilometers an hour",
    "mph": "miles an hour",
    "km": "kilometer",
    "cm": "centimeter",
    "mm": "millimeter",
    "kg": "kilogram",
    "mg": "milligram",
    "lb": "pound",
    "lbs": "pound",
    "oz": "ounce",
    "ml": "milliliter",
    "KB": "kilobyte",
    "MB": "megabyte",
    "GB": "gigabyte",
    "TB": "terabyte",
    "kB": "kilobyte",
    "kHz": "kilohertz",
    "MHz": "megahertz",
    "GHz": "gigahertz",
    "Hz": "hertz",
    "kW": "kilowatt",
    "kWh": "kilowatt hour",
    "MW": "megawatt",
    "dB": "decibel",
    "fps": "frames per second",
    "px": "pixel",
    "ms": "millisecond",
    "min": "minute",
    "sec": "second",
    "hrs": "hour",
    "°C": "degrees Celsius",
    "°F": "degrees Fahrenheit",
    "°": "degree",
    "m": "meter",
    "g": "gram",
    "s": "second",
    "h": "hour",
}
_UNIT: Final = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_SAME_IN_PLURAL: Final = re.compile(r"hertz$|Celsius$|Fahrenheit$|^(kilometers|miles|frames) ")
_FRACTIONS: Final = {"2": "half", "4": "quarter"}


def _money(match: Match[str]) -> str:
    sign, symbol, whole, cents, scale = match.groups()
    one, hundredth = _CURRENCIES[symbol]
    amount = ("minus " if sign else "") + numbers.cardinal(whole)
    if scale:
        parts = f"{whole}.{cents}" if cents else whole
        scale = _SCALES.get(scale.strip().lower(), scale.strip())
        return f"{'minus ' if sign else ''}{numbers.decimal(parts)} {scale} {_many(one, '2')}"
    said = f"{amount} {_many(one, whole)}"
    if not cents or not int(cents) or not hundredth:
        return said
    small = _hundredths(cents, hundredth)
    return f"{said} and {small}" if int(whole.replace(",", "")) else ("minus " * bool(sign)) + small


def _hundredths(cents: str, unit: str) -> str:
    cents = cents.ljust(2, "0")[:2]
    name = "pence" if unit == "penny" and int(cents) > 1 else _many(unit, cents)
    return f"{numbers.cardinal(str(int(cents)))} {name}"


def _many(unit: str, count: str) -> str:
    if count.lstrip("0") == "1" or unit == "yen" or _SAME_IN_PLURAL.search(unit):
        return unit
    return unit + "s"


def _measure(match: Match[str]) -> str:
    count, unit = match.groups()
    return f"{numbers.decimal(count)} {_many(_UNITS[unit], count)}"


def _fraction(match: Match[str]) -> str:
    above, below = match.groups()
    if len(below) > 2 or int(below) < 2:
        return f"{numbers.cardinal(above)} over {numbers.cardinal(below)}"
    part = _FRACTIONS.get(below, numbers.ordinal(below))
    many = part if above == "1" else "halves" if part == "half" else part + "s"
    return f"{numbers.cardinal(above)} {many}"


def _plain(match: Match[str]) -> str:
    text = match.group()
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", text):
        return numbers.year(text)
    return numbers.decimal(text)


RULES: Final[tuple[Rule, ...]] = (
    rule(
        r"([-−])?([$€£¥₹]) ?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?"
        rf"( ?(?:{_SCALE_WORDS})\b|(?:k|m|bn|b|tn)\b)?",
        _money,
        flags=re.IGNORECASE,
    ),
    rule(r"(?<![\w.])[-−](?=\d)", "minus "),
    rule(r"(?<=\d)\s*[–-]\s*(?=[$€£]?\d)", " to "),
    rule(rf"({NUMBER}) ?%", lambda m: f"{numbers.decimal(m[1])} percent"),
    rule(rf"({NUMBER}) ?({_UNIT})(?![\w/])", _measure),
    rule(r"\b24/7\b", "twenty-four seven"),
    rule(r"\b(\d+)[/⁄](\d+)\b", _fraction),
    rule(r"\b(\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b", lambda m: numbers.ordinal(m[1])),
    rule(r"(?<=\d)[x×](?=\d)", " by "),
    rule(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)", " "),
    rule(NUMBER, _plain),
)
