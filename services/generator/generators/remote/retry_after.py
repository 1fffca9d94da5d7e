"""How long a server asks to be left alone. Source: RFC 9110, section 10.2.3."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = timedelta(hours=1)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header says, in seconds or as a date; at most an hour."""
    if value is None:
        return None
    try:
        wait: timedelta | None = timedelta(seconds=float(value))
    except (ValueError, OverflowError):
        wait = _until(value, now)
    return None if wait is None else min(max(wait, timedelta(0)), LONGEST)


def _until(value: str, now: datetime) -> timedelta | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
