"""Where the labels of a line or area chart stand across: at dates, numbers, or evenly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.generator.generators.chart import formats
from services.generator.generators.chart.axes import Tick
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.moments import moment, number
from services.generator.generators.chart.scales import date_ticks, seconds, ticks

AxisKind = Literal["category", "date", "number"]


@dataclass(frozen=True, slots=True)
class Positions:
    """Each label's place, 0 to 1; `order` sorts them; `find` places what is no label."""

    kind: AxisKind
    places: tuple[float, ...]
    order: tuple[int, ...]
    ticks: tuple[Tick, ...]
    find: Callable[[str], float | None]


def positions(canvas: Canvas, width: float) -> Positions:
    """Those of this chart, on an axis `width` pixels long."""
    labels = canvas.chart.labels
    kind = axis_kind(labels, canvas.chart.x_axis)
    count = max(2, int(width / (130 * canvas.unit)))
    if kind == "category":
        return _evenly(labels)
    values = [_value(label, kind) for label in labels]
    low, high = min(values), max(values)
    span = (high - low) or 1.0

    def share(value: float) -> float:
        return (value - low) / span if high > low else 0.5

    marks = _dates(canvas, labels, count) if kind == "date" else _numbers(low, high, count)
    return Positions(
        kind,
        tuple(share(value) for value in values),
        tuple(sorted(range(len(values)), key=values.__getitem__)),
        tuple((share(at), text) for at, text in marks),
        lambda label: share(_value(label, kind)) if _reads(label, kind) else None,
    )


def axis_kind(labels: Sequence[str], asked: str) -> AxisKind:
    """What the labels are: all dates, all numbers, or names."""
    if asked == "date" or (asked == "auto" and all(moment(label) for label in labels)):
        return "date"
    numeric = asked == "number" or (
        asked == "auto" and all(number(label) is not None for label in labels)
    )
    return "number" if numeric else "category"


def _reads(label: str, kind: AxisKind) -> bool:
    return (moment(label) if kind == "date" else number(label)) is not None


def _value(label: str, kind: AxisKind) -> float:
    if kind == "date":
        when = moment(label)
        return seconds(when) if when else 0.0
    return number(label) or 0.0


def _evenly(labels: Sequence[str]) -> Positions:
    last = len(labels) - 1
    places = tuple(index / last if last else 0.5 for index in range(len(labels)))
    known = dict(zip(labels, places, strict=True))
    return Positions(
        "category",
        places,
        tuple(range(len(labels))),
        tuple(zip(places, labels, strict=True)),
        known.get,
    )


def _numbers(low: float, high: float, count: int) -> list[Tick]:
    if low == high:
        return [(low, formats.NumberStyle().value(low))]
    places, step = ticks(low, high, count)
    style = formats.NumberStyle()
    return [(at, style.tick(at, step, max(abs(low), abs(high)))) for at in places]


def _dates(canvas: Canvas, labels: Sequence[str], count: int) -> list[Tick]:
    """Round dates; the year stands with the first tick and where it changes."""
    locale = canvas.chart.locale
    when = sorted(at for label in labels if (at := moment(label)))
    shortest = min(len(label) for label in labels)
    low, high = when[0], when[-1]
    if shortest == 4 and len(when) <= count and canvas.chart.date_format == "auto":
        return [(seconds(at), str(at.year)) for at in when]
    marks, precision = date_ticks(low, high, count)
    if not marks or low == high:
        marks, precision = [low], {4: "year", 7: "month"}.get(shortest, "day")  # type: ignore[assignment]
    asked = canvas.chart.date_format
    if asked != "auto":
        return [(seconds(at), formats.dated(at, asked, locale)) for at in marks]
    shown: list[Tick] = []
    before = None
    for at in marks:
        new_day = precision == "hour" and (before is None or before.date() != at.date())
        with_year = not new_day and (before is None or before.year != at.year)
        said = "day" if new_day else precision
        shown.append((seconds(at), formats.date(at, said, locale, with_year=with_year)))
        before = at
    return shown
