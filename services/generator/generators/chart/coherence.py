"""Rules that need more than one field of a chart. Each says which field, and what it may be."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from services.generator.generators.chart.moments import moment, number

if TYPE_CHECKING:
    from services.generator.generators.chart.inputs import ChartInput

_MOST_LABELS: Final = {"bar": 500, "pie": 60, "donut": 60, "heatmap": 366, "choropleth": 300}
_MOST_SERIES: Final = {"heatmap": 40, "pie": 1, "donut": 1, "choropleth": 1}
_USUAL_SERIES: Final = 20
_ADVICE: Final = {
    "bar": "use kind line or area",
    "pie": "use kind bar",
    "donut": "use kind bar",
    "heatmap": "put several together in one",
    "choropleth": "name each country once",
}


def check(chart: "ChartInput") -> None:
    """Raises `ValueError` with a sentence that names the field and the bound."""
    rules: tuple[Callable[[ChartInput], None], ...] = (
        (_points,) if chart.kind == "scatter" else (_table, _numbers, _parts, _axis)
    )
    for rule in (*rules, _range, _scales, _highlight, _references):
        rule(chart)


def _points(chart: "ChartInput") -> None:
    if not chart.points:
        raise ValueError("points: a scatter chart needs 1 to 10000 points")
    if chart.labels or chart.series:
        raise ValueError("labels and series: a scatter chart takes only points")


def _table(chart: "ChartInput") -> None:
    if chart.points:
        raise ValueError(f"points: only a scatter chart takes points, this is a {chart.kind}")
    if not chart.labels or not chart.series:
        raise ValueError(f"labels and series: a {chart.kind} chart needs at least one of each")
    most = _MOST_SERIES.get(chart.kind, _USUAL_SERIES)
    if len(chart.series) > most:
        raise ValueError(f"series: a {chart.kind} chart takes {most} series at most")
    most = _MOST_LABELS.get(chart.kind, 5000)
    if len(chart.labels) > most:
        raise ValueError(
            f"labels: a {chart.kind} chart takes {most} at most, these are {len(chart.labels)}: "
            f"{_ADVICE[chart.kind]}"
        )


def _numbers(chart: "ChartInput") -> None:
    for index, series in enumerate(chart.series):
        if len(series.values) != len(chart.labels):
            raise ValueError(
                f"series[{index}].values: {len(series.values)} values for "
                f"{len(chart.labels)} labels; it takes one for each"
            )
    if all(value is None for series in chart.series for value in series.values):
        raise ValueError("series: all values are null, there is nothing to draw")


def _parts(chart: "ChartInput") -> None:
    values = [value or 0 for series in chart.series for value in series.values]
    parts = chart.kind in {"pie", "donut"} or chart.stacking == "share"
    stacked = chart.kind == "area" and len(values) > len(chart.labels) and chart.stacking != "none"
    if (parts or stacked) and min(values) < 0:
        raise ValueError("series: parts of a whole cannot be negative, the smallest value is 0")
    if parts and sum(values) <= 0:
        raise ValueError("series: parts of a whole need at least one value above 0")


def _axis(chart: "ChartInput") -> None:
    readers: dict[str, Callable[[str], datetime | float | None]] = {
        "date": moment,
        "number": number,
    }
    read = readers.get(chart.x_axis)
    bad = next((label for label in chart.labels if read and read(label) is None), None)
    if bad is not None:
        wanted = "ISO dates such as 2024-05-31" if chart.x_axis == "date" else "numbers"
        raise ValueError(
            f"labels: {bad!r} does not fit x_axis {chart.x_axis}, which needs {wanted}"
        )


def _range(chart: "ChartInput") -> None:
    if chart.y_min is not None and chart.y_max is not None and chart.y_min >= chart.y_max:
        raise ValueError("y_min: it has to be less than y_max")


def _scales(chart: "ChartInput") -> None:
    if chart.x_scale == "log":
        if chart.kind != "scatter":
            raise ValueError(f"x_scale: log is for a scatter chart, this is a {chart.kind}")
        _above_zero("x_scale", [point.x for point in chart.points])
    if chart.y_scale == "log":
        if chart.kind not in {"line", "scatter"}:
            raise ValueError(f"y_scale: log is for line and scatter, this is a {chart.kind}")
        values = [value for series in chart.series for value in series.values]
        values += [point.y for point in chart.points]
        values += [reference.y for reference in chart.references]
        _above_zero("y_scale", [*values, chart.y_min, chart.y_max])


def _above_zero(field: str, values: Sequence[float | None]) -> None:
    least = min(value for value in values if value is not None)
    if least <= 0:
        raise ValueError(f"{field}: log needs values above 0, the smallest is {least:g}")


def _highlight(chart: "ChartInput") -> None:
    known = {*chart.labels, *(series.name for series in chart.series)}
    known |= {name for point in chart.points for name in (point.group, point.label)}
    for name in chart.highlight:
        if name not in known:
            raise ValueError(f"highlight: there is no series, label or group {name!r}")


def _references(chart: "ChartInput") -> None:
    if chart.references and chart.kind not in {"line", "area", "bar", "scatter"}:
        raise ValueError(f"references: a {chart.kind} chart has no axis to draw them at")
    for index, reference in enumerate(chart.references):
        if reference.x is None:
            continue
        scatter = chart.kind == "scatter"
        known = number(reference.x) is not None if scatter else reference.x in chart.labels
        if not known and (scatter or chart.kind == "bar" or moment(reference.x) is None):
            wanted = "has to be a number" if scatter else "has to be one of labels, or a date"
            raise ValueError(f"references[{index}].x: {reference.x!r} {wanted}")
