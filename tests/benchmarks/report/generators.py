"""Table and plot of what computes: the pipeline against a bare pool."""

from pathlib import Path

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import ACCENT, QUIET, drawing, legend_below
from tests.benchmarks.report.table import Table, number

_GOAL = 0.95


def table(result: Result) -> Table:
    """One row for each generator."""
    rows = []
    for name in _names(result):
        pool, pipeline = (result.series[f"{name}/{way}"].medians for way in ("pool", "pipeline"))
        ratio = result.ratios(f"{name}/pipeline", f"{name}/pool", "jobs_per_second")
        rates = [number(one["jobs_per_second"], 2) for one in (pool, pipeline)]
        rows.append([name, *rates, f"{ratio:.1%}" if ratio else "–"])
    headers = ["generator", "bare pool, pictures/s", "pipeline, pictures/s", "share"]
    return Table(headers, rows, [f"Goal: at least {_GOAL:.0%} of the bare pool."])


def plot(result: Result, path: Path) -> None:
    """Two bars each."""
    names = _names(result)
    ways = (("pool", QUIET, "bare process pool"), ("pipeline", ACCENT, "through Darkroom"))
    with drawing(path, (7.5, 1.7 + 1.1 * len(names))) as axis:
        for place, (way, colour, label) in enumerate(ways):
            values = [result.series[f"{name}/{way}"].medians["jobs_per_second"] for name in names]
            heights = [position - 0.19 + 0.38 * place for position in range(len(names))]
            axis.barh(heights, values, height=0.34, color=colour, label=label)
            for height, value in zip(heights, values, strict=True):
                axis.text(value, height, f"  {value:.2f}", va="center", fontsize=9)
        axis.set_yticks(range(len(names)), names)
        axis.invert_yaxis()
        axis.margins(x=0.12)
        axis.tick_params(length=0)
        axis.grid(axis="x", linewidth=0.8)
        axis.spines["bottom"].set_visible(False)
        legend_below(axis)
        axis.set_title("Pictures a second on the same cores")


def _names(result: Result) -> list[str]:
    return list(dict.fromkeys(name.partition("/")[0] for name in result.series))
