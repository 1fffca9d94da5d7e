"""Bar charts: upright where labels are short, laid down where they are long or many."""

from collections.abc import Sequence
from typing import Final

from services.generator.generators.chart.areas import stacked
from services.generator.generators.chart.axes import folded
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.columns import draw_columns
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.rows import draw_rows
from services.generator.generators.chart.sheet import Box
from services.generator.generators.chart.tally import Bar, Tally

_MOST_UPRIGHT: Final = 16


def draw(canvas: Canvas) -> None:
    """Bars in groups, or on top of each other."""
    tally = tallied(canvas)
    several = len(canvas.chart.series) > 1
    names = [series.name for series in canvas.chart.series]
    key = zip(names, canvas.series_colors(names), strict=True) if several and any(names) else ()
    box = frame(canvas, tuple(key))
    if _laid_down(canvas, tally, box):
        draw_rows(canvas, box, tally)
    else:
        draw_columns(canvas, box, tally)


def tallied(canvas: Canvas) -> Tally:
    """What is to be drawn, in the order asked for."""
    chart = canvas.chart
    order = list(range(len(chart.labels)))
    if chart.sort != "none":
        sums = [sum(series.values[at] or 0 for series in chart.series) for at in order]
        order.sort(key=sums.__getitem__, reverse=chart.sort == "descending")
    stacking = "none" if chart.stacking == "auto" else chart.stacking
    together = stacking != "none" and len(chart.series) > 1
    spans = _stacks(chart.series_values(), stacking) if together else None
    colors = canvas.series_colors([series.name for series in chart.series])
    groups = [
        [
            _bar(canvas, at, index, colors[index], spans[index][at] if spans else None)
            for index in range(len(chart.series))
        ]
        for at in order
    ]
    return Tally(
        [chart.labels[at] for at in order], groups, together, together and stacking == "share"
    )


def _bar(canvas: Canvas, at: int, index: int, color: str, span: tuple[float, float] | None) -> Bar:
    chart = canvas.chart
    value = chart.series[index].values[at]
    lit = [label in chart.highlight for label in chart.labels]
    if any(lit):
        color = color if lit[at] else canvas.theme.rest
    low, high = span or (min(0, value or 0), max(0, value or 0))
    return Bar(value, low, high, color)


def _stacks(
    series: Sequence[Sequence[float | None]], stacking: str
) -> list[list[tuple[float, float]]]:
    """Where each part begins and ends: above zero upwards, below zero downwards."""
    if stacking == "share":
        return [list(band) for band in stacked(series, stacking)]
    up = [0.0] * len(series[0])
    down = list(up)
    spans: list[list[tuple[float, float]]] = []
    for values in series:
        spans.append([])
        for at, value in enumerate(values):
            pile = down if (value or 0) < 0 else up
            start, pile[at] = pile[at], pile[at] + (value or 0)
            spans[-1].append((min(start, pile[at]), max(start, pile[at])))
    return spans


def _laid_down(canvas: Canvas, tally: Tally, box: Box) -> bool:
    asked = canvas.chart.direction
    if asked != "auto":
        return asked == "horizontal"
    if all(label[:4].isdigit() for label in tally.labels):
        return False  # years and dates go from left to right
    if box.height / len(tally.labels) < 15 * canvas.unit:
        return False  # too many to name each of them either way
    band = box.width * 0.92 / len(tally.labels)
    fitting = folded(tally.labels, canvas.label, band - 14 * canvas.unit)
    return len(tally.labels) > _MOST_UPRIGHT or fitting is None
