"""Lengths of time as people type them: 90, 90s, 5min, 2h, 7d."""

import re
from datetime import timedelta

import typer

_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}
_FORM = re.compile(r"(\d{1,9})\s*([a-z]*)")


def read_duration(text: str) -> timedelta:
    """Whole seconds where no unit is given. Raises `typer.BadParameter`."""
    found = _FORM.fullmatch(text.strip())
    if not found or found[2] not in _UNITS:
        raise typer.BadParameter(f"{text!r} is not a length of time such as 90s, 5min, 2h or 7d")
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def seconds(value: timedelta | None) -> int | None:
    """As the API takes it."""
    return None if value is None else int(value.total_seconds())
