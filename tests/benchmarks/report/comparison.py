"""Table and plot of the comparison."""

from pathlib import Path
from typing import Any

from tests.benchmarks.report.result import Result
from tests.benchmarks.report.style import NAMES, PARTS, color_of, drawing, label_bars, legend_below
from tests.benchmarks.report.table import Table, number

DOORS = {"single": "", "batch": ", 100 a POST", "commands": ", commands by AMQP"}
_GOALS = (("celery-replaced", 20.0), ("celery-tuned", 7.0))
_HEADERS = (
    "system",
    "jobs/s",
    "CPU ms a job",
    "api",
    "worker",
    "notifier",
    "RabbitMQ",
    "Postgres",
    "idle p50 ms",
    "idle p95 ms",
    "at 80 % p50 ms",
    "at 80 % p95 ms",
    "MiB",
)


def table(result: Result) -> Table:
    """One row for each door of each system; medians over the rounds."""
    rows = []
    for series in result.series.values():
        found = series.medians
        for door, said in DOORS.items():
            if f"{door}/jobs_per_second" in found:
                rows.append([f"{series.title}{said}", *_cells(found, door)])
    return Table(_HEADERS, rows, _ratios(result))


def guarantees(result: Result) -> Table:
    """What each system promises."""
    rows = [[series.title, series.notes] for series in result.series.values()]
    return Table(["system", "what it promises"], rows)


def _cells(found: dict[str, float], door: str) -> list[str]:
    worker = found.get(f"{door}/cpu/generator", found.get(f"{door}/cpu/worker"))
    parts = [found.get(f"{door}/cpu/{part}") for part in ("notifier", "rabbitmq", "postgres")]
    costs = [found[f"{door}/cpu"], found.get(f"{door}/cpu/api"), worker, *parts]
    names = ("idle/ready/p50", "idle/ready/p95", "loaded/ready/p50", "loaded/ready/p95")
    latencies = [found.get(name) if door == "single" else None for name in names]
    return [
        number(found[f"{door}/jobs_per_second"]),
        *(number(cost, 2) for cost in costs),
        *(number(latency, 1) for latency in latencies),
        number(found.get("memory/total") if door == "single" else None),
    ]


def _ratios(result: Result) -> list[str]:
    """How many times the others' throughput, from pairs of the same round."""
    said = []
    for other, goal in _GOALS:
        if ratio := result.ratios("darkroom", other, "single/jobs_per_second"):
            title = result.series[other].title
            said.append(f"Darkroom makes {ratio:.1f} times the jobs of {title} (goal: {goal:.0f}).")
    if ratio := result.ratios("darkroom", "floor", "single/cpu"):
        said.append(f"A job costs Darkroom {ratio:.1f} times the CPU of the floor.")
    if "darkroom" in result.series and (
        heard := result.series["darkroom"].medians.get("heard/ready/p50")
    ):
        p95 = result.series["darkroom"].medians["heard/ready/p95"]
        said.append(
            f"Who listens for `media.ready` instead of asking hears of it {heard:.1f} ms "
            f"(p95 {p95:.1f} ms) after the 202 of an idle Darkroom."
        )
    return said


def plot(result: Result, path: Path) -> None:
    """Throughput, what a job costs and where, and how long an idle system takes."""
    bars = [
        (name, f"{series.title}{said}", series.medians, door)
        for name, series in result.series.items()
        for door, said in DOORS.items()
        if f"{door}/jobs_per_second" in series.medians
    ][::-1]
    singles = [bar for bar in bars if bar[3] == "single"]
    heights = (1.2 + 0.36 * len(bars), 1.2 + 0.36 * len(singles))
    with drawing(path, (13, 0.5 + sum(heights)), columns=2, heights=heights) as axes:
        _throughput(axes[0][0], bars)
        _costs(axes[0][1], bars)
        _latency(axes[1][0], singles, "idle", "Idle: 202 to ready, ms (p50 and p95)")
        _latency(axes[1][1], singles, "loaded", "At 80 % of its own maximum: 202 to ready, ms")


def _throughput(axis: Any, bars: list[Any]) -> None:
    values = [found[f"{door}/jobs_per_second"] for _, _, found, door in bars]
    axis.barh(range(len(bars)), values, color=[color_of(bar[0]) for bar in bars], height=0.62)
    label_bars(axis, values)
    axis.set_title("Jobs a second, first request to last ready")
    _named(axis, bars)


def _costs(axis: Any, bars: list[Any]) -> None:
    totals = [found[f"{door}/cpu"] for _, _, found, door in bars]
    left = [0.0] * len(bars)
    for part, colour in PARTS.items():
        values = [found.get(f"{door}/cpu/{part}", 0.0) for _, _, found, door in bars]
        if any(values):
            label = NAMES.get(part, part)
            shown = None if label in axis.get_legend_handles_labels()[1] else label
            axis.barh(range(len(bars)), values, left=left, color=colour, height=0.62, label=shown)
        left = [start + value for start, value in zip(left, values, strict=True)]
    label_bars(axis, totals, 2)
    axis.set_title("CPU milliseconds a job, all processes")
    legend_below(axis)
    _named(axis, bars)


def _latency(axis: Any, bars: list[Any], state: str, title: str) -> None:
    lows = [found.get(f"{state}/ready/p50", 0.0) for _, _, found, _ in bars]
    highs = [found.get(f"{state}/ready/p95", 0.0) for _, _, found, _ in bars]
    colours = [color_of(bar[0]) for bar in bars]
    axis.hlines(range(len(bars)), lows, highs, color=colours, linewidth=3, alpha=0.45)
    axis.scatter(lows, range(len(bars)), color=colours, s=55, zorder=3)
    axis.scatter(highs, range(len(bars)), facecolor="white", edgecolor=colours, s=45, zorder=3)
    axis.set_xlim(0, max(highs) * 1.25)
    axis.set_ylim(-0.6, len(bars) - 0.4)
    for position, (low, high) in enumerate(zip(lows, highs, strict=True)):
        said = f"{low:,.0f} / {high:,.0f}" if low >= 10 else f"{low:,.1f} / {high:,.1f}"
        axis.text(high + max(highs) * 0.03, position, said, va="center", fontsize=9)
    axis.set_title(title)
    _named(axis, bars)


def _named(axis: Any, bars: list[Any]) -> None:
    """What the panel on the left says is not said again."""
    axis.set_yticks(range(len(bars)), [title for _, title, _, _ in bars])
    axis.label_outer()
    axis.tick_params(labelbottom=True)
    axis.tick_params(length=0)
    axis.grid(axis="x", linewidth=0.8)
    axis.spines["bottom"].set_visible(False)
