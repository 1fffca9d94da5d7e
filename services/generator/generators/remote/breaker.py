"""A circuit breaker: a provider that keeps failing is left alone, then tried with one order.

Closed: all may pass. Open: none, until it has rested. Half open: one may try; if that works it is
closed, else it is open again. Kept per process: each finds out for itself. Source: Nygard,
"Release It!" (2007).
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from time import monotonic

from services.generator.generators.remote.errors import CircuitOpenError


class State(StrEnum):
    """Who may pass."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Of one backend: opens after `failures` in a row, or at once when it is told to."""

    def __init__(
        self, name: str, *, failures: int, rest: timedelta, clock: Callable[[], float] = monotonic
    ) -> None:
        self._name = name
        self._allowed = failures
        self._rest = rest.total_seconds()
        self._clock = clock
        self._failures = 0
        self._opened: float | None = None
        self._trying = False

    @property
    def state(self) -> State:
        if self._opened is None:
            return State.CLOSED
        return State.HALF_OPEN if self._left() <= 0 else State.OPEN

    def enter(self) -> None:
        """Pass, and say later how it went. Raises `CircuitOpenError`."""
        if self.state is State.OPEN or self._trying:
            wait = timedelta(seconds=max(self._left(), 1))
            raise CircuitOpenError(
                f"The provider {self._name} keeps failing; it is tried again later.",
                retry_after=wait,
            )
        self._trying = self.state is State.HALF_OPEN

    def succeeded(self) -> None:
        """It answered."""
        self._failures, self._opened, self._trying = 0, None, False

    def failed(self) -> None:
        """It did not."""
        self._failures += 1
        if self._trying or self._failures >= self._allowed:
            self.trip()

    def trip(self) -> None:
        """It makes no sense to go on: nobody passes until it has rested."""
        self._opened, self._trying = self._clock(), False

    def left(self) -> None:
        """Whoever passed has gone without finding out: another may try."""
        self._trying = False

    def _left(self) -> float:
        return 0 if self._opened is None else self._opened + self._rest - self._clock()
