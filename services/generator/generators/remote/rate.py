"""How many orders a minute a provider gets: a token bucket, and its own word when it said wait."""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Final

from services.generator.generators.remote.errors import NoRoomError

PATIENCE: Final = timedelta(seconds=10)
"""An order waits for its turn at one backend up to this, then it tries the others again."""


class TokenBucket:
    """Lets `per_minute` orders pass, a sixth of them at once; None: as many as come."""

    def __init__(
        self, name: str, per_minute: float | None, clock: Callable[[], float] = monotonic
    ) -> None:
        self._name = name
        self._per_second = None if per_minute is None else per_minute / 60
        self._most = max(1.0, (per_minute or 0) / 6)
        self._tokens = self._most
        self._clock = clock
        self._seen = clock()
        self._closed_until = self._seen

    def take(self) -> timedelta:
        """Take a turn; the answer is how long to wait for it. Raises `NoRoomError`."""
        now = self._clock()
        self._fill(now)
        wait = max(self._closed_until - now, self._wait_for_token(), 0)
        if wait > PATIENCE.total_seconds():
            raise NoRoomError(
                f"The provider {self._name} takes no more orders for now.",
                retry_after=timedelta(seconds=wait),
            )
        self._tokens -= 1
        return timedelta(seconds=wait)

    def close(self, rest: timedelta) -> None:
        """The provider wants no orders for so long."""
        self._closed_until = max(self._closed_until, self._clock() + rest.total_seconds())

    def _fill(self, now: float) -> None:
        if self._per_second is not None:
            self._tokens = min(self._most, self._tokens + (now - self._seen) * self._per_second)
        self._seen = now

    def _wait_for_token(self) -> float:
        if self._per_second is None:
            return 0
        return max(0.0, 1 - self._tokens) / self._per_second
