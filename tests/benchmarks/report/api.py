"""Table and plot of the latency of acceptance."""

from pathlib import Path

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import ACCENT, INK, QUIET, SOFT, drawing
from tests.benchmarks.report.table import Table, number

_POINTS = ("p50", "p95", "p99", "max")
_GOAL = 50.0


def table(result: Result) -> Table:
    """One row for each share of the maximum."""
    rows = []
    for series in result.series.values():
        found = series.medians
        cells = [number(found[f"accept/{point}"], 1) for point in _POINTS]
        rows.append([series.title, number(found["rate"]), *cells])
    headers = ["share of the maximum", "jobs/s", "p50 ms", "p95 ms", "p99 ms", "longest ms"]
    return Table(headers, rows, [f"Goal: p99 below {_GOAL:.0f} ms at 80 %."])


def plot(result: Result, path: Path) -> None:
    """Percentiles by load."""
    titles = [series.title for series in result.series.values()]
    with drawing(path, (7.5, 4.2)) as axis:
        for point, colour in (("p50", QUIET), ("p95", INK), ("p99", ACCENT)):
            values = [one.medians[f"accept/{point}"] for one in result.series.values()]
            axis.plot(titles, values, color=colour, marker="o", linewidth=2.2)
            axis.annotate(
                f"{point}  {values[-1]:.1f} ms",
                (len(titles) - 1, values[-1]),
                xytext=(10, 0),
                textcoords="offset points",
                va="center",
                color=colour if colour != QUIET else SOFT,
            )
        axis.set_ylim(bottom=0)
        axis.set_xlim(-0.2, len(titles) - 0.35)
        axis.grid(axis="y", linewidth=0.8)
        axis.tick_params(length=0)
        axis.set_xlabel("share of the highest rate that the whole system keeps up with")
        axis.set_title("From a request to its 202, at a constant rate (ms)")
