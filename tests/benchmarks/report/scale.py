"""Table and plot of waiting jobs by generator processes."""

from pathlib import Path

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import ACCENT, QUIET, SOFT, drawing
from tests.benchmarks.report.table import Table, number

_POINTS = {"textcoords": "offset points"}


def table(result: Result) -> Table:
    """One row for each number of processes."""
    rows = []
    first = next(iter(result.series))
    for name, series in result.series.items():
        found, ratio = series.medians, result.ratios(name, first, "jobs_per_second")
        rate, ideal, share = found["jobs_per_second"], found["ideal"], found["share"]
        cells = [number(rate, 1), number(ideal), f"{share:.0%}", f"{number(ratio, 2)} x"]
        rows.append([series.title, *cells, number(found["cpu"], 2)])
    headers = ["processes", "jobs/s", "ideal", "reached", "of one process", "CPU ms a job"]
    return Table(headers, rows, ["200 jobs of two seconds at a time in each process."])


def plot(result: Result, path: Path) -> None:
    """What was reached, and what the places would allow."""
    processes = [int(name) for name in result.series]
    found = [series.medians for series in result.series.values()]
    reached, ideal = ([one[name] for one in found] for name in ("jobs_per_second", "ideal"))
    with drawing(path, (7.5, 4.2)) as axis:
        axis.plot(processes, ideal, color=QUIET, linewidth=2, linestyle=(0, (4, 3)))
        axis.plot(processes, reached, color=ACCENT, linewidth=2.4, marker="o")
        for number_of, rate, one in zip(processes, reached, found, strict=True):
            said = f"{rate:.0f} ({one['share']:.0%})"
            axis.annotate(said, (number_of, rate), (8, -14), color=ACCENT, **_POINTS)
        said, place = "as many as the places allow", (processes[1], ideal[1])
        axis.annotate(said, place, (-8, 12), ha="right", color=SOFT, **_POINTS)
        axis.set_xticks(processes)
        axis.margins(x=0.15)
        axis.set_ylim(0, max(ideal) * 1.12)
        axis.grid(axis="y", linewidth=0.8)
        axis.tick_params(length=0)
        axis.set_xlabel("generator processes, 200 jobs of two seconds at a time in each")
        axis.set_title("Jobs a second that only wait for a provider")
