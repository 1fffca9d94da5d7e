"""Table and plot of what listeners cost."""

from pathlib import Path

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import ACCENT, QUIET, drawing
from tests.benchmarks.report.table import Table, number

_POINTS = ("p50", "p95", "p99")
_MEMORY, _RATIO = 100.0, 1.2


def table(result: Result) -> Table:
    """Two rows, and what follows from them."""
    rows = []
    for name in ("without", "with"):
        found = result.series[name].medians
        cells = [number(found[f"accept/{point}"], 1) for point in _POINTS]
        cells += [number(found["cpu/api"], 3), number(found.get("memory"), 1)]
        rows.append([result.series[name].title, *cells])
    headers = ["", "p50 ms", "p95 ms", "p99 ms", "api CPU ms a job", "MiB more"]
    return Table(headers, rows, _notes(result))


def _notes(result: Result) -> list[str]:
    found = result.series["with"].medians
    p99, cpu = (result.ratios("with", "without", key) for key in ("accept/p99", "cpu/api"))
    index = result.ratios("index", "no_index", "cpu")
    on_postgres = result.ratios("index", "no_index", "cpu/postgres")
    heard = f"{number(found['heard/p50'])} ms (p95 {number(found['heard/p95'])} ms)"
    rate, goal = f"at {number(found['rate'])} jobs/s", f"goal: {_RATIO}"
    postgres = f"{number(on_postgres, 2)} times that of Postgres"
    return [
        f"p99 with them: {number(p99, 2)} times that without ({goal}), {rate}; {_spread(result)}.",
        f"CPU of the api with them: {number(cpu, 2)} times that without.",
        f"They take {number(found['memory'], 1)} MiB (goal: {_MEMORY:.0f}).",
        f"With all of them there an event is heard {heard} after it was made.",
        f"The index that the log is read by: {number(index, 2)} times the CPU a job, {postgres}.",
    ]


def _spread(result: Result) -> str:
    pairs = zip(result.series["with"].rounds, result.series["without"].rounds, strict=True)
    ratios = sorted(one["accept/p99"] / other["accept/p99"] for one, other in pairs)
    return f"in single rounds {ratios[0]:.2f} to {ratios[-1]:.2f}"


def plot(result: Result, path: Path) -> None:
    """Percentiles with and without."""
    with drawing(path, (7.5, 4.2)) as axis:
        for name, colour, shift in (("without", QUIET, -0.2), ("with", ACCENT, 0.2)):
            series = result.series[name]
            values = [series.medians[f"accept/{point}"] for point in _POINTS]
            places = [place + shift for place in range(len(_POINTS))]
            bars = axis.bar(places, values, 0.38, color=colour, label=series.title)
            axis.bar_label(bars, fmt="%.1f", padding=2)
        axis.set_xticks(range(len(_POINTS)), _POINTS)
        axis.tick_params(length=0)
        axis.legend(frameon=False)
        axis.set_title("From a request to its 202 (ms)")
