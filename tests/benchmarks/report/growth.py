"""Table and plot of the cost of a job among many."""

from pathlib import Path
from typing import Any

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import NAMES, PARTS, drawing, label_bars, legend_below
from tests.benchmarks.report.table import Table, number

_COLUMNS = ("api", "generator", "notifier", "rabbitmq", "postgres")
_GOAL = 0.10
_KINDS = {"stored": "ended jobs in the tables", "backlog": "jobs waiting in the broker"}


def table(result: Result) -> Table:
    """One row for each size; changes are against the smallest of its kind, in the same rounds."""
    rows = []
    for name, series in result.series.items():
        found = series.medians
        ratio = result.ratios(name, _first(result, name), "cpu")
        change = "" if ratio is None or name == _first(result, name) else f"{ratio - 1:+.1%}"
        parts = [number(found.get(f"cpu/{part}"), 2) for part in _COLUMNS]
        rows.append([series.title, number(found["cpu"], 2), change, *parts])
    headers = ["jobs", "CPU ms a job", "change", *_COLUMNS[:3], "RabbitMQ", "Postgres"]
    return Table(headers, rows, [f"Goal: within {_GOAL:.0%}."])


def _first(result: Result, name: str) -> str:
    kind = name.partition("/")[0]
    return next(one for one in result.series if one.startswith(f"{kind}/"))


def plot(result: Result, path: Path) -> None:
    """Cost by size, part by part."""
    with drawing(path, (12, 3.9), columns=2) as axes:
        for axis, (kind, said) in zip(axes, _KINDS.items(), strict=True):
            _bars(axis, result, kind)
            axis.set_title(f"CPU ms a job, by {said}")
        legend_below(axes[1])


def _bars(axis: Any, result: Result, kind: str) -> None:
    chosen = [one for name, one in result.series.items() if name.startswith(f"{kind}/")][::-1]
    left = [0.0] * len(chosen)
    for part in _COLUMNS:
        values = [series.medians.get(f"cpu/{part}", 0.0) for series in chosen]
        axis.barh(
            range(len(chosen)), values, 0.6, left, color=PARTS[part], label=NAMES.get(part, part)
        )
        left = [start + value for start, value in zip(left, values, strict=True)]
    label_bars(axis, left, 2)
    axis.set_yticks(range(len(chosen)), [one.title.split()[0] for one in chosen])
    axis.tick_params(length=0)
    axis.grid(axis="x", linewidth=0.8)
    axis.spines["bottom"].set_visible(False)
