"""Percentiles and medians are those of the textbook."""

import pytest

from tests.benchmarks.statistics import medians, percentile, summary


@pytest.mark.parametrize(
    ("share", "expected"), [(0, 1), (0.5, 50), (0.501, 51), (0.95, 95), (0.99, 99), (1, 100)]
)
def test_a_percentile_is_a_value_that_occurred(share: float, expected: float) -> None:
    assert percentile([float(value) for value in range(100, 0, -1)], share) == expected


def test_one_value_is_every_percentile() -> None:
    assert {percentile([7.0], share) for share in (0, 0.5, 0.99, 1)} == {7.0}


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_nonsense_is_refused(values: list[float], share: float) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - either of two messages
        percentile(values, share)


def test_latencies_are_told_in_milliseconds() -> None:
    assert summary([0.001, 0.002, 0.01]) == {"p50": 2.0, "p95": 10.0, "p99": 10.0, "max": 10.0}
    assert summary([]) == {}


def test_a_median_counts_the_rounds_that_have_the_number() -> None:
    assert medians([{"a": 1, "b": 5}, {"a": 9}, {"a": 2}]) == {"a": 2, "b": 5}
