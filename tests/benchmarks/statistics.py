"""The few numbers that a benchmark boils down to."""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

__all__ = ["median", "median_of", "medians", "percentile", "summary"]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0-1) of all are not above (nearest rank).

    Raises `ValueError` when there are none.
    """
    if not values:
        raise ValueError("no values")
    if not 0 <= share <= 1:
        raise ValueError(f"not a share: {share}")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Latencies in milliseconds: p50, p95, p99 and the longest; empty when there are none."""
    if not seconds:
        return {}
    points = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {name: 1000 * percentile(seconds, share) for name, share in points.items()}


def median_of(rounds: Iterable[Mapping[str, float]], key: str) -> float | None:
    """Over the rounds that have it."""
    values = [one[key] for one in rounds if key in one]
    return median(values) if values else None


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Each number's median over the rounds; the order is that of their first appearance."""
    keys = dict.fromkeys(key for one in rounds for key in one)
    return {key: value for key in keys if (value := median_of(rounds, key)) is not None}
