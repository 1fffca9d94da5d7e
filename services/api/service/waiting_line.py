"""Counting what waits in one line, between two looks at the database."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

SHORTEST_WAIT, LONGEST_WAIT = 1, 60
_STANDS_STILL = 0.05
"""Fewer jobs a second than this is as good as none."""


@dataclass(slots=True)
class WaitingLine:
    """What waited at the last count, and what this process knows of it since.

    `pending` requests have a place and are being written, `accepted` were written after the last
    count, `refused` were told to come again; `rate` is how many leave the line a second. It
    `overflows`: what came last went into the overflow.
    """

    counted: int = 0
    overflow: int = 0
    pending: int = 0
    accepted: int = 0
    refused: int = 0
    rate: float = 0.0
    overflows: bool = False

    @property
    def waiting(self) -> int:
        return self.counted + self.accepted + self.pending

    @property
    def is_idle(self) -> bool:
        """Whether nothing is lost by forgetting it."""
        return not self.waiting and self.rate < _STANDS_STILL

    def likely(self, passed: timedelta | None) -> float:
        """How many wait now, if as many have left since the last count as before it.

        Else whoever asks often for what is made at once would seem to have many waiting.
        """
        left = self.rate * passed.total_seconds() if passed else 0.0
        return self.waiting - left

    def settle(self, *, accepted: bool) -> None:
        """The request that a place was taken for was accepted, or it was not."""
        self.pending -= 1
        self.accepted += accepted

    def refuse(self, limit: int) -> timedelta:
        """When the request may come again. Whoever was refused before comes again before it."""
        ahead = self.waiting - limit + 1 + self.refused
        self.refused += 1
        seconds = ceil(ahead / self.rate) if self.rate else LONGEST_WAIT
        return timedelta(seconds=min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT))

    def counted_again(self, count: int, known: int, passed: timedelta | None) -> None:
        """So many wait now; `known` of those accepted here are among them."""
        if passed:
            left = max(0, self.counted + known - count)
            self.rate = (self.rate + left / passed.total_seconds()) / 2
        self.counted = count
        self.accepted -= known
        self.refused = 0
