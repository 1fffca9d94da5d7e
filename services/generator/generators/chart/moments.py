"""Labels that mean something: dates and numbers."""

import re
from datetime import UTC, datetime
from math import isfinite
from typing import Final

_DATE: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::\d{2})?Z?)?)?)?")
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?")


def moment(label: str) -> datetime | None:
    """The date of `2024`, `2024-05`, `2024-05-31` or `2024-05-31T18:30`; None: it is none."""
    match = _DATE.fullmatch(label)
    if match is None:
        return None
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    try:
        return datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, tzinfo=UTC)
    except ValueError:
        return None


def number(label: str) -> float | None:
    """The number that `label` is, with a point for decimals; None: it is none."""
    if _NUMBER.fullmatch(label) is None:
        return None
    value = float(label)
    return value if isfinite(value) else None
