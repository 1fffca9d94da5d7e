"""Slots for work that is done elsewhere, shared out among the generators.

A job whose provider has no room waits in its slot, for hours if need be (ADR 0031): however many
do, those of another provider find slots of their own.
"""

from collections import Counter
from collections.abc import Iterable, Sequence


class EvenShares:
    """`slots` in all, the same number for each generator; at least one. A `Memory`."""

    def __init__(self, slots: int, generators: Sequence[str]) -> None:
        share = max(1, slots // max(1, len(generators)))
        self._free = Counter(dict.fromkeys(generators, share))

    def offer(self, slots: int) -> tuple[Sequence[str] | None, int]:
        """Whatever is claimed then is within its share, whichever jobs come."""
        if not self._free or min(self._free.values()) >= slots:
            return None, slots
        free = {name: left for name, left in self._free.items() if left > 0}
        if not free:
            return (), 0
        return sorted(free), min(slots, *free.values())

    def fits(self, generators: Iterable[str]) -> bool:
        return all(count <= self._free[name] for name, count in Counter(generators).items())

    def take(self, generator: str) -> None:
        self._free[generator] -= 1

    def give_back(self, generator: str) -> None:
        self._free[generator] += 1
