"""How much memory the attempts of this process keep, so that no more begin than fit.

What an attempt keeps is declared by its generator (`Limits.resident_bytes`). Neighbours: `claiming`
asks what may begin; the pool in runtime/ ends warm children that stand in the way.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from services.generator.registry import AnyGenerator
from shared.generators import Execution


class Memory(Protocol):
    """What may begin now."""

    def offer(self, slots: int) -> tuple[Sequence[str] | None, int]:
        """Which generators may begin, and how many jobs of them together; None: all of them."""

    def fits(self, generators: Iterable[str]) -> bool:
        """Whether these may all begin now."""

    def take(self, generator: str) -> None:
        """One of these begins."""

    def give_back(self, generator: str) -> None:
        """One of these has ended."""


class Unlimited:
    """For where nothing is counted."""

    def offer(self, slots: int) -> tuple[Sequence[str] | None, int]:
        return None, slots

    def fits(self, generators: Iterable[str]) -> bool:  # noqa: ARG002
        return True

    def take(self, generator: str) -> None:
        """Nothing is counted."""

    def give_back(self, generator: str) -> None:
        """Nothing is counted."""


class MemoryLedger:
    """`limit` bytes in all; `needs` has what one attempt of each generator keeps.

    Whatever is claimed then fits, whichever jobs come: where not all do, only so many are asked for
    as the largest of those that fit would allow.
    """

    def __init__(self, limit: int, needs: Mapping[str, int]) -> None:
        self._free = limit
        self._needs = dict(needs)
        self._largest = max(needs.values(), default=0)

    @property
    def free(self) -> int:
        """Bytes that nothing has been given yet."""
        return self._free

    def offer(self, slots: int) -> tuple[Sequence[str] | None, int]:
        if self._largest * slots <= self._free:
            return None, slots
        fitting = [name for name, need in self._needs.items() if need <= self._free]
        if not fitting:
            return (), 0
        largest = max(self._needs[name] for name in fitting)
        names = None if len(fitting) == len(self._needs) else fitting
        return names, min(slots, self._free // largest)

    def fits(self, generators: Iterable[str]) -> bool:
        return sum(self._needs[name] for name in generators) <= self._free

    def take(self, generator: str) -> None:
        self._free -= self._needs[generator]

    def give_back(self, generator: str) -> None:
        self._free += self._needs[generator]


def needs_of(generators: Iterable[AnyGenerator]) -> dict[str, int]:
    """What one attempt of each keeps in a child process, in bytes."""
    return {
        kind.name: kind.limits.resident_bytes
        for kind in generators
        if kind.execution is Execution.CHILD
    }
