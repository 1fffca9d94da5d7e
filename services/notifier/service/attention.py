"""Since when the notifier has been listening: silence counts only while somebody listens.

An answer may wait at the broker while this process cannot hear it, or in its hands while the
database is away. Waiting costs nothing then: no final word could reach anybody.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.clock import Clock


class Attention:
    """How long there has been no `problem` without a break."""

    def __init__(self, problem: Callable[[], str | None], clock: Clock) -> None:
        self._problem = problem
        self._clock = clock
        self._since: datetime | None = None

    def lasted(self) -> timedelta | None:
        """How long it has lasted until now; None while there is none."""
        if self._problem() is not None:
            self.lose()
            return None
        now = self._clock.now()
        if self._since is None:
            self._since = now
        return now - self._since

    def lose(self) -> None:
        """It was interrupted, and begins anew."""
        self._since = None
