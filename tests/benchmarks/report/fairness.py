"""Table and plot of what a newcomer waits for."""

from pathlib import Path

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import ACCENT, QUIET, drawing
from tests.benchmarks.report.table import Table, number

_HEADERS = [
    "turns",
    "jobs before a newcomer's",
    "at most",
    "it waits s",
    "a second crowd's part",
    "alone jobs/s",
    "CPU ms a job",
]

_NOTES = (
    "10,000 jobs of 50 ms of a tenant wait for 20 places when somebody else asks for one.",
    "Then a second tenant brings 10,000: its part is of the next 2,000 that begin.",
)
_ENOUGH = 3


def table(result: Result) -> Table:
    """One row for each way."""
    rows = []
    for series in result.series.values():
        found = series.medians
        late = found.get("late")
        rows.append(
            [
                series.title,
                number(found["before"]),
                number(max(one["before/most"] for one in series.rounds)),
                number(found["seconds"], 2),
                "–" if late is None else f"{late:.0%}",
                number(found["alone"]),
                number(found["alone/cpu"], 2),
            ]
        )
    return Table(_HEADERS, rows, [*_NOTES, *_compared(result)])


def _compared(result: Result) -> list[str]:
    """What a tenant that is alone pays; a single round says nothing about that."""
    if len(result.series["shared"].rounds) < _ENOUGH:
        return []
    cpu = number(result.ratios("shared", "in line", "alone/cpu"), 2)
    rate = number(result.ratios("shared", "in line", "alone"), 2)
    return [f"Alone, a job costs {cpu} times the CPU with shares, at {rate} times the rate."]


def plot(result: Result, path: Path) -> None:
    """How many begin before the newcomer's job, on a scale of powers of ten."""
    titles = [series.title for series in result.series.values()]
    before = [max(series.medians["before"], 0.5) for series in result.series.values()]
    with drawing(path, (7.5, 2.2)) as axis:
        axis.barh(titles, before, color=[ACCENT, QUIET], height=0.55)
        axis.set_xscale("log")
        axis.invert_yaxis()
        for position, series in enumerate(result.series.values()):
            found = series.medians["before"]
            axis.text(before[position] * 1.15, position, f"{found:,.0f}", va="center", fontsize=9)
        axis.set_xlim(0.4, max(before) * 4)
        axis.tick_params(length=0)
        axis.grid(axis="x", linewidth=0.8)
        axis.set_title("Jobs of others that begin before a newcomer's")
