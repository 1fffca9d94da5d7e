"""Table and plot of where a job's CPU goes."""

from pathlib import Path

from tests.benchmarks.report.result import Numbers, Result
from tests.benchmarks.report.style import PARTS, drawing, label_bars
from tests.benchmarks.report.table import Table, number
from tests.benchmarks.sampling import OTHER, ROOMS

_SERVICES = ("api", "generator", "notifier")
_DATABASES = ("api", "generator", "notifier", "itself")
_WORDS = {"itself": "for itself: vacuum, statistics, writers"}


def table(result: Result) -> Table:
    """One row for each room; microseconds a job of each service, at each door."""
    doors = [(series.title, series.medians) for series in result.series.values()]
    headers = ["µs of CPU a job", *(f"{part}, {title}" for title, _ in doors for part in _SERVICES)]
    rows = [
        [name, *(cell for _, found in doors for cell in _cells(name, found))]
        for name in (*ROOMS, OTHER)
    ]
    rows = [row for row in rows if any(cell != "–" for cell in row[1:])]
    rows.append(["all", *(cell for _, found in doors for cell in _sums(found))])
    return Table(headers, rows, [_servers(title, found) for title, found in doors])


def _cells(room: str, found: Numbers) -> list[str]:
    return [_cell(found.get(f"{service}/{room}")) for service in _SERVICES]


def _cell(value: float | None) -> str:
    return number(value if value and value >= 0.5 else None)


def _sums(found: Numbers) -> list[str]:
    return [number(sum(_of(found, service).values())) for service in _SERVICES]


def _of(found: Numbers, part: str) -> Numbers:
    """By room, or by database."""
    prefix = f"{part}/"
    return {name[len(prefix) :]: one for name, one in found.items() if name.startswith(prefix)}


def _servers(title: str, found: Numbers) -> str:
    by_database = ", ".join(
        f"{number(found.get(f'postgres/{name}'))} {_WORDS.get(name, f'for {name}')}"
        for name in _DATABASES
    )
    return (
        f"{title}: {found['cpu']:.2f} ms in all. RabbitMQ {number(found['rabbitmq'])} µs; Postgres "
        f"{number(sum(_of(found, 'postgres').values()))} µs ({by_database}), "
        f"{found['commits']:.2f} transactions and {number(found['wal_bytes'])} bytes of its log."
    )


def plot(result: Result, path: Path) -> None:
    """One bar for each room, service by service, of the first door."""
    series = next(iter(result.series.values()))
    found = series.medians
    bars = [
        (f"{part}, {name}", value, part)
        for part in (*_SERVICES, "postgres")
        for name, value in sorted(_of(found, part).items(), key=lambda one: -one[1])
        if value >= 1
    ]
    bars.append(("RabbitMQ", found["rabbitmq"], "rabbitmq"))
    values, places = [value for _, value, _ in bars], range(len(bars))
    with drawing(path, (7.5, 1.2 + 0.24 * len(bars))) as axis:
        axis.barh(places, values, height=0.7, color=[PARTS[part] for _, _, part in bars])
        axis.set_yticks(places, [name for name, _, _ in bars], fontsize=9)
        axis.invert_yaxis()
        axis.tick_params(length=0)
        axis.grid(axis="x", linewidth=0.8)
        axis.spines["bottom"].set_visible(False)
        label_bars(axis, values)
        axis.set_title(f"Microseconds of CPU a job, {series.title}")
