"""Lines across a chart that carry a meaning of their own: a target, an average, an event."""

from collections.abc import Callable

from services.generator.generators.chart.axes import ValueAxis
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.inputs import Reference
from services.generator.generators.chart.lettering import wrapped
from services.generator.generators.chart.scales import Scale
from services.generator.generators.chart.sheet import Anchor, Box


def across(
    canvas: Canvas, plot: Box, axis: ValueAxis, *, free: Callable[[float], bool] | None = None
) -> None:
    """Those at a value: from left to right, the label on the line.

    `free` answers whether the right end of a line at a value is clear of marks; else it is labelled
    at the left.
    """
    scale = axis.scale(plot.bottom, plot.top)
    tail = canvas.label.width(axis.tail) if axis.tail else 0
    for reference in canvas.chart.references:
        if reference.y is not None:
            _along(
                canvas,
                plot.inset(left=tail),
                reference,
                scale,
                right=bool(free and free(reference.y)),
            )


def _along(canvas: Canvas, plot: Box, reference: Reference, scale: Scale, *, right: bool) -> None:
    unit, theme = canvas.unit, canvas.theme
    y = scale(reference.y or 0)
    canvas.sheet.line((plot.left, y), (plot.right, y), theme.text, 1.6 * unit, 6 * unit)
    anchor: Anchor = "end" if right else "start"
    x = plot.right - 8 * unit if right else plot.left + 8 * unit
    for line in wrapped(reference.label, canvas.small, plot.width * 0.8, 1):
        place = (x, y - 8 * unit)
        canvas.sheet.text(place, line, canvas.small, theme.text, anchor, halo=theme.ground)


def upright(canvas: Canvas, plot: Box, find: Callable[[str], float | None]) -> None:
    """Those at a label: from top to bottom, the label beside its upper end.

    `find` answers where along the plot it is, 0 to 1, or None.
    """
    row = 0
    for reference in canvas.chart.references:
        at = None if reference.x is None else find(reference.x)
        if at is not None and 0 <= at <= 1:
            _upright(canvas, plot, plot.left + at * plot.width, reference.label, row)
            row += 1


def _upright(canvas: Canvas, plot: Box, x: float, label: str, row: int) -> None:
    unit, theme = canvas.unit, canvas.theme
    canvas.sheet.line((x, plot.top), (x, plot.bottom), theme.text, 1.6 * unit, 6 * unit)
    right = x < plot.left + plot.width * 0.62
    anchor: Anchor = "start" if right else "end"
    room = (plot.right - x if right else x - plot.left) - 10 * unit
    y = plot.top + canvas.small.size * (0.9 + 1.4 * (row % 3))
    for line in wrapped(label, canvas.small, min(room, 260 * unit), 2):
        place = (x + 8 * unit if right else x - 8 * unit, y)
        canvas.sheet.text(place, line, canvas.small, theme.text, anchor, halo=theme.ground)
        y += canvas.small.size * 1.25
