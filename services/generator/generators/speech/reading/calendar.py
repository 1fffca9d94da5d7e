"""Dates, times of day and years."""

import re
from re import Match
from typing import Final

from services.generator.generators.speech.reading import numbers
from services.generator.generators.speech.reading.rules import Rule, rule

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SHORT: Final = {month[:3]: month for month in _MONTHS} | {"Sept": "September"}
_MONTH: Final = "|".join([*_MONTHS, *(short + r"\.?" for short in _SHORT)])


def _spoken_date(year: str, month: int, day: int) -> str:
    return f"{_MONTHS[month - 1]} {numbers.ordinal(str(day))}, {numbers.year(year)}"


def _iso(match: Match[str]) -> str:
    year, month, day = match.groups()
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return match.group()
    return _spoken_date(year, int(month), int(day))


def _slashed(match: Match[str]) -> str:
    """Month first, as in the United States; where that cannot be, day first."""
    first, second, year = int(match[1]), int(match[2]), match[3]
    month, day = (first, second) if first <= 12 else (second, first)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match.group()
    return _spoken_date(year, month, day)


def _month_first(match: Match[str]) -> str:
    name, day, year = match.groups()
    said = f"{_month(name)} {numbers.ordinal(day)}"
    return f"{said}, {numbers.year(year)}" if year else said


def _day_first(match: Match[str]) -> str:
    day, name, year = match.groups()
    said = f"{numbers.ordinal(day)} of {_month(name)}"
    return f"{said}, {numbers.year(year)}" if year else said


def _month(name: str) -> str:
    return _SHORT.get(name.rstrip("."), name)


def _time(match: Match[str]) -> str:
    hour, minute, half = match.groups()
    said = [numbers.cardinal(str(int(hour)))]
    if int(minute or 0):
        said.append(("oh " if int(minute) < 10 else "") + numbers.cardinal(str(int(minute))))
    if half:
        said.append(f"{half[0].upper()} M")
    elif len(said) == 1:
        said.append("o'clock" if int(hour) <= 12 else "hundred hours")
    return " ".join(said)


RULES: Final[tuple[Rule, ...]] = (
    rule(r"\b([12]\d{3})-(\d\d)-(\d\d)\b", _iso),
    rule(r"\b(\d{1,2})/(\d{1,2})/([12]\d{3})\b", _slashed),
    rule(rf"\b({_MONTH}) (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,? ([12]\d{{3}}))?\b", _month_first),
    rule(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?({_MONTH})\b(?:,? ([12]\d{{3}}))?\b", _day_first),
    rule(
        r"\b([01]?\d|2[0-3]):([0-5]\d)(?: ?([ap])\.?m\b\.?)?",
        _time,
        flags=re.IGNORECASE,
    ),
    rule(r"\b(1[0-2]|[1-9])() ?([ap])\.?m\b\.?", _time, flags=re.IGNORECASE),
    rule(r"\b(1\d|20)(\d)0s\b", lambda m: numbers.plural(numbers.year(f"{m[1]}{m[2]}0"))),
    rule(r"['’](\d)0s\b", lambda m: numbers.plural(numbers.cardinal(f"{m[1]}0"))),
)
