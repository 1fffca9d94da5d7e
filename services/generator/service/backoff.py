"""How long to wait before the next attempt: exponential, capped, with full jitter.

Source: "Exponential Backoff and Jitter", AWS Architecture Blog (full jitter).
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

LONGEST_WISH = timedelta(hours=1)
"""What a provider may ask us to wait, at most."""


@dataclass(frozen=True)
class Backoff:
    """`base` doubles with every attempt, to `cap`; the delay is drawn from 0 to that."""

    base: timedelta = timedelta(seconds=0.5)
    cap: timedelta = timedelta(seconds=60)
    chance: random.Random = field(default_factory=random.Random)

    def delay(self, attempt: int, wished: timedelta | None = None) -> timedelta:
        """The pause after this attempt (1: the first); never shorter than what was `wished`."""
        ceiling = min(self.cap, self.base * (1 << min(attempt - 1, 30)))
        drawn = ceiling * self.chance.random()
        return drawn if wished is None else min(wished, LONGEST_WISH) + drawn
