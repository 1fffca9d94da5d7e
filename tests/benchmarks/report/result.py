"""The outcome of one benchmark, as it is kept in `docs/performance/results`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.benchmarks.statistics import median, medians

Numbers = dict[str, float]


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that was measured in every round: a system, a size, a rate."""

    title: str
    rounds: Sequence[Numbers]
    notes: str = ""

    @property
    def medians(self) -> Numbers:
        return medians(self.rounds)


@dataclass(frozen=True, slots=True)
class Result:
    """A benchmark's series by name, and what is needed to judge or repeat it."""

    benchmark: str
    series: Mapping[str, Series]
    surroundings: Mapping[str, Any] = field(default_factory=dict)

    def ratios(self, of: str, to: str, number: str) -> float | None:
        """The median over the rounds of ``of`` divided by ``to``, each pair from one round."""
        if of not in self.series or to not in self.series:
            return None
        pairs = zip(self.series[of].rounds, self.series[to].rounds, strict=False)
        found = [one[number] / other[number] for one, other in pairs if other.get(number)]
        return median(found) if found else None

    def write(self, folder: Path) -> Path:
        """As JSON; medians stand beside the rounds for who reads it by eye."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.benchmark}.json"
        document = asdict(self)
        for name, one in self.series.items():
            document["series"][name]["medians"] = one.medians
        path.write_text(json.dumps(_rounded(document), indent=1) + "\n")
        return path

    @classmethod
    def read(cls, path: Path) -> Self:
        """What ``write`` wrote."""
        document = json.loads(path.read_text())
        series = {
            name: Series(one["title"], one["rounds"], one["notes"])
            for name, one in document["series"].items()
        }
        return cls(document["benchmark"], series, document["surroundings"])


def _rounded(value: Any) -> Any:
    """Six digits are more than any of these numbers is worth."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
