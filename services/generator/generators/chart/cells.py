"""Heatmaps: a table in colours."""

from collections.abc import Sequence

from services.generator.generators.chart.axes import axis_titles, below, clipped, thinned
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.colors import along, over
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.lettering import Style, shortened
from services.generator.generators.chart.sheet import Box, Place


class Shading:
    """From values to colours. Values on both sides of zero take a ramp with a middle."""

    def __init__(self, canvas: Canvas) -> None:
        values = [v for s in canvas.chart.series for v in s.values if v is not None]
        self.low, self.high = min(values), max(values)
        self.ramp = canvas.theme.ramp
        if self.low < 0 < self.high:
            self.high = max(-self.low, self.high)
            self.low, self.ramp = -self.high, canvas.theme.rift

    def __call__(self, value: float) -> str:
        span = self.high - self.low
        return along(self.ramp, (value - self.low) / span if span else 1.0)

    def cell(self, canvas: Canvas, value: float | None) -> tuple[str, str]:
        """The colour and the text of a cell."""
        if value is None:
            return canvas.theme.land, ""
        return self(value), canvas.numbers.value(value)


def draw(canvas: Canvas) -> None:
    """A row for each series, a column for each label."""
    chart, unit = canvas.chart, canvas.unit
    shade = Shading(canvas)
    box = frame(canvas)
    box = _scale(canvas, box, shade)
    names = [series.name for series in chart.series]
    style = Style(min(canvas.label.size, box.height / len(names) * 0.8))
    left = min(max(style.width(name) for name in names), box.width * 0.28)
    bottom = canvas.label.size + 12 * unit + (26 * unit if chart.x_label else 0)
    plot = box.inset(left=left + (14 * unit if left else 0), bottom=bottom)
    cell = (plot.width / len(chart.labels), plot.height / len(names))
    said = _said(canvas, cell)
    shaded = [[shade.cell(canvas, value) for value in series.values] for series in chart.series]
    for row, series in enumerate(chart.series):
        top = plot.top + row * cell[1]
        place = (plot.left - 14 * unit, top + cell[1] / 2 + style.size * 0.36)
        if style.size > 7:
            name = shortened(series.name, style, left)
            canvas.sheet.text(place, name, style, canvas.theme.text, "end")
        _row(canvas, (plot.left, top), cell, shaded[row], said)
    centres = [plot.left + (at + 0.5) * cell[0] for at in range(len(chart.labels))]
    labels = list(zip(centres, clipped(canvas, chart.labels, plot.width), strict=True))
    below(canvas, thinned(labels, canvas.label, 12 * unit), plot, canvas.label)
    axis_titles(canvas, Box(plot.left, box.top, plot.right, plot.bottom))


def _row(
    canvas: Canvas,
    corner: Place,
    cell: tuple[float, float],
    values: Sequence[tuple[str, str]],
    said: Style | None,
) -> None:
    """Cells from `corner` to the right; `values` are their colours and texts."""
    gap = min(2.5 * canvas.unit, cell[0] * 0.08, cell[1] * 0.08)
    top = corner[1]
    for at, (color, text) in enumerate(values):
        x = corner[0] + at * cell[0]
        body = Box(x + gap / 2, top + gap / 2, x + cell[0] - gap / 2, top + cell[1] - gap / 2)
        canvas.sheet.rect(body, color, min(3 * canvas.unit, gap))
        if said:
            place = (x + cell[0] / 2, top + cell[1] / 2 + said.size * 0.36)
            canvas.sheet.text(place, text, said, over(color), "middle")


def _said(canvas: Canvas, cell: tuple[float, float]) -> Style | None:
    """How values stand in the cells; None: they would not fit all, or nobody wants them."""
    if canvas.chart.values_shown == "never":
        return None
    values = [v for s in canvas.chart.series for v in s.values if v is not None]
    if len(values) > 1500:
        return None
    per_em = max(Style(1).width(canvas.numbers.value(value)) for value in values)
    size = min(canvas.label.size, cell[1] * 0.55, cell[0] * 0.86 / max(per_em, 0.1))
    return Style(size) if size > 12 * canvas.unit and size > 8 else None


def _scale(canvas: Canvas, box: Box, shade: Shading) -> Box:
    """The colours from the lowest to the highest value, over the plot."""
    unit, style = canvas.unit, canvas.small
    low, high = canvas.numbers.value(shade.low), canvas.numbers.value(shade.high)
    width, height = min(230 * unit, box.width * 0.5), 13 * unit
    x, y = box.left + style.width(low) + 9 * unit, box.top - 2 * unit
    canvas.sheet.text((box.left, y + height * 0.92), low, style, canvas.theme.muted)
    pieces = 40
    for at in range(pieces):
        piece = Box(x + width * at / pieces, y, x + width * (at + 1) / pieces + 0.4, y + height)
        canvas.sheet.rect(piece, along(shade.ramp, at / (pieces - 1)))
    end = (x + width + 9 * unit, y + height * 0.92)
    canvas.sheet.text(end, high, style, canvas.theme.muted)
    return box.inset(top=(36 if not canvas.chart.y_label else 66) * unit)
