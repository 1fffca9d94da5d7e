"""When a call that failed is made again."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = timedelta(hours=24)
"""What a receiver may ask for with `Retry-After`."""
SPREAD: Final = 0.2


class Schedule:
    """`pauses` before each try, the first of them before the first. `chance` is from 0 to 1."""

    def __init__(self, pauses: Sequence[timedelta], chance: Callable[[], float]) -> None:
        self._pauses = tuple(pauses)
        self._chance = chance

    def pause_after(self, tries: int, retry_after: timedelta | None = None) -> timedelta | None:
        """How long to wait after so many tries; None when that was the last.

        Up to a fifth longer than the schedule says, so that what failed together does not come
        back together; and no sooner than the receiver asks.
        """
        if tries >= len(self._pauses):
            return None
        pause = self._pauses[tries] * (1 + SPREAD * self._chance())
        return max(pause, min(retry_after or timedelta(0), LONGEST))


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header says (RFC 9110, 10.2.3): seconds, or a date."""
    if value is None:
        return None
    try:
        return max(timedelta(0), timedelta(seconds=float(value)))
    except (ValueError, OverflowError):
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(0), moment - now)
