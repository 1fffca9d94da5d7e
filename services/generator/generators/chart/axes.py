"""The axes: few lines, labels that never touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.formats import NumberStyle
from services.generator.generators.chart.lettering import Style, shortened, wrapped
from services.generator.generators.chart.scales import Linear, Log, Scale, log_ticks, rounded, ticks
from services.generator.generators.chart.sheet import Box

Tick = tuple[float, str]
"""A place in pixels, and what stands there."""


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """The range of an axis and its ticks, before it is known where it will be."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    tail: str = ""
    log: bool = False

    def scale(self, start: float, end: float) -> Scale:
        return (Log if self.log else Linear)(self.low, self.high, start, end)

    def widest(self, style: Style) -> float:
        """How wide the widest label is."""
        return max((style.width(text) for _, text in self.ticks), default=0)


def log_axis(numbers: NumberStyle, low: float, high: float, count: int) -> ValueAxis:
    """An axis of values above zero on which ten times as much is always as far."""
    places = log_ticks(low, high, count)
    low, high = min(low, places[0]), max(high, places[-1])
    if low == high:
        low, high = low / 2, high * 2
    shown = tuple((at, numbers.tick(at, at, at)) for at in places)
    return ValueAxis(low, high, shown, numbers.tail, log=True)


def value_axis(
    numbers: NumberStyle,
    low: float,
    high: float,
    count: int,
    *,
    percent: bool = False,
    tight: bool = False,
) -> ValueAxis:
    """An axis from `low` to `high`, widened to whole steps; `percent`: of shares.

    `tight`: widened only a little where a whole step would leave much of the plot empty.
    """
    least, most = low, high
    low, high = rounded(low, high, count)
    places, step = ticks(low, high, count)
    if tight and least < most:
        air = (most - least) * 0.04
        low = least - air if least - low > 0.4 * step else low
        high = most + air if high - most > 0.4 * step else high
        places = [at for at in places if low <= at <= high]
    largest = max(abs(low), abs(high))
    write = numbers.share if percent else lambda at: numbers.tick(at, step, largest)
    tail = "" if percent else numbers.tail
    return ValueAxis(low, high, tuple((at, write(at)) for at in places), tail)


def rows_for(canvas: Canvas, height: float) -> int:
    """How many ticks suit an axis so high."""
    return max(2, min(6, int(height / (74 * canvas.unit))))


def grid(canvas: Canvas, plot: Box, axis: ValueAxis, *, base: float | None = 0) -> None:
    """Horizontal lines with the values left of them; the one at `base` is strong."""
    sheet, theme, style = canvas.sheet, canvas.theme, canvas.label
    scale = axis.scale(plot.bottom, plot.top)
    for value, text in axis.ticks:
        y = scale(value)
        strong = value == base or (base is None and value == axis.low)
        color = theme.axis if strong else theme.grid
        sheet.line((plot.left, y), (plot.right, y), color, (1.6 if strong else 1.2) * canvas.unit)
        place = (plot.left - 12 * canvas.unit, y + style.size * 0.36)
        sheet.text(place, text, style, theme.muted, "end")
        if value == axis.ticks[-1][0] and axis.tail:  # the unit once, at the top
            sheet.text(place, axis.tail, style, theme.muted, halo=theme.ground)


def columns(canvas: Canvas, plot: Box, axis: ValueAxis, *, base: float | None = 0) -> None:
    """Vertical lines with the values under them."""
    sheet, theme, style = canvas.sheet, canvas.theme, canvas.label
    scale = axis.scale(plot.left, plot.right)
    for value, _ in axis.ticks:
        x = scale(value)
        color = theme.axis if value == base else theme.grid
        width = (1.6 if value == base else 1.2) * canvas.unit
        sheet.line((x, plot.top), (x, plot.bottom), color, width)
    places = [(scale(value), text) for value, text in axis.ticks]
    below(canvas, thinned(places, style, 18 * canvas.unit), plot, style)


def below(canvas: Canvas, labels: Sequence[Tick], plot: Box, style: Style) -> None:
    """Labels under the plot, the outer ones kept on the page."""
    y = plot.bottom + 12 * canvas.unit + style.size
    for x, text in labels:
        half = style.width(text) / 2
        kept = max(8 + half, min(x, canvas.chart.width - 8 - half))
        canvas.sheet.text((kept, y), text, style, canvas.theme.muted, "middle")


def clipped(canvas: Canvas, labels: Sequence[str], width: float) -> list[str]:
    """Labels of an axis `width` long, the longest cut to their share of it, or a bit more."""
    most = min(max(width / len(labels) - 14 * canvas.unit, 150 * canvas.unit), width * 0.4)
    return [shortened(label, canvas.label, most) for label in labels]


def thinned(labels: Sequence[Tick], style: Style, gap: float) -> list[Tick]:
    """Every label, or every second, third, … one, so that none comes near the next."""
    for step in range(1, len(labels) + 1):
        kept = labels[::step]
        pairs = pairwise(kept)
        if all(b[0] - a[0] >= (style.width(a[1]) + style.width(b[1])) / 2 + gap for a, b in pairs):
            return list(kept)
    return []


def folded(labels: Sequence[str], style: Style, width: float) -> list[list[str]] | None:
    """Labels on one or two lines of `width` each; None: one of them does not fit."""
    lines = [wrapped(label, style, width, 2) for label in labels]
    whole = zip(labels, lines, strict=True)
    if all("".join(parts).replace(" ", "") == label.replace(" ", "") for label, parts in whole):
        broken = any(style.width(word) > width for label in labels for word in label.split())
        return None if broken else lines
    return None


def axis_title(canvas: Canvas, plot: Box, text: str, place: str) -> None:
    """What an axis shows: on top of the value axis, under the end of the other."""
    shown = shortened(text, canvas.small, canvas.chart.width - 96 * canvas.unit)
    if place == "top":
        at = (48 * canvas.unit, plot.top - 20 * canvas.unit)
        canvas.sheet.text(at, shown, canvas.small, canvas.theme.muted)
    else:
        below_labels = plot.bottom + 52 * canvas.unit
        canvas.sheet.text(
            (plot.right, below_labels), shown, canvas.small, canvas.theme.muted, "end"
        )


def room(canvas: Canvas, box: Box, axis: ValueAxis) -> Box:
    """The plot inside `box`: what the labels of a value axis on the left and others below leave."""
    chart, unit = canvas.chart, canvas.unit
    return box.inset(
        left=axis.widest(canvas.label) + 12 * unit,
        top=(30 * unit if chart.y_label else 8 * unit),
        bottom=canvas.label.size + 14 * unit + (26 * unit if chart.x_label else 0),
    )


def axis_titles(canvas: Canvas, plot: Box) -> None:
    """Both titles, where they are given."""
    if canvas.chart.y_label:
        axis_title(canvas, plot, canvas.chart.y_label, "top")
    if canvas.chart.x_label:
        axis_title(canvas, plot, canvas.chart.x_label, "bottom")
