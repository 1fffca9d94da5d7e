"""Every system that can be compared, by name."""

from tests.benchmarks.darkroom import Darkroom
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.floor.system import Floor
from tests.benchmarks.peers import PEERS
from tests.benchmarks.system import System

SYSTEMS: tuple[type[System], ...] = (Darkroom, *PEERS, Floor)


def chosen(names: tuple[str, ...]) -> list[type[System]]:
    """Those named, in the order of the roster; all when none is. Raises `BenchmarkError`."""
    known = {system.name: system for system in SYSTEMS}
    if unknown := set(names) - known.keys():
        missing, there = ", ".join(sorted(unknown)), ", ".join(known)
        raise BenchmarkError(f"no system is called {missing}; there are {there}")
    return [system for name, system in known.items() if not names or name in names]
