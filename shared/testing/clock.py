"""A clock that stands still until it is told to move."""

from datetime import UTC, datetime, timedelta

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
"""When everything happens that a test does not date itself."""


class FixedClock:
    """A `shared.clock.Clock` for tests."""

    def __init__(self, moment: datetime = MOMENT) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def advance(self, duration: timedelta) -> datetime:
        """Let time pass; answers what time it is then."""
        self.moment += duration
        return self.moment
