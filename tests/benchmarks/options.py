"""What the command line decides for every benchmark."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """`--quick` is one round of a moment each: to see that everything works, not to learn."""

    rounds: int = 5
    jobs: int | None = None
    """Exactly so many for each measurement of throughput, instead of so many seconds of them."""
    seconds: float = 8.0
    warm_up: int = 500
    one_by_one: int = 200
    systems: tuple[str, ...] = ()
    """Only these; all when empty."""
    folder: Path | None = None
    """Where servers keep their data while they run; the system's temporary folder if not said."""
    results: Path = Path("docs/performance")

    @classmethod
    def quick(cls) -> "Options":
        return cls(rounds=1, jobs=200, seconds=2.0, warm_up=50, one_by_one=20)
