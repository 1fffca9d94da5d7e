"""Bars that lie, with their labels at the left."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.generator.generators.chart.axes import axis_titles, columns
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.colors import over
from services.generator.generators.chart.lettering import Style, shortened, wrapped
from services.generator.generators.chart.scales import Scale
from services.generator.generators.chart.sheet import Anchor, Box
from services.generator.generators.chart.tally import Bar, Tally


def draw_rows(canvas: Canvas, box: Box, tally: Tally) -> None:
    """Values stand at the bars' ends; an axis tells them where bars are in parts or too thin."""
    unit = canvas.unit
    referring = any(reference.y is not None for reference in canvas.chart.references)
    box = box.inset(top=24 * unit * (referring + bool(canvas.chart.y_label)))
    said = _said(canvas, tally, box)
    axis = tally.axis(canvas, max(2, min(6, int(box.width / (170 * unit)))), said=said)
    bottom = canvas.label.size + 14 * unit if axis.ticks or canvas.chart.x_label else 0
    box = box.inset(bottom=bottom + (26 * unit if canvas.chart.x_label else 0))
    style = _label_style(canvas, box.height / len(tally.labels))
    left = min(max(style.width(label) for label in tally.labels), box.width * 0.34)
    plot = box.inset(left=left + 14 * unit)
    if axis.ticks:
        columns(canvas, plot, axis, base=None)
    else:
        room = tally.widest(canvas, canvas.strong) + 10 * unit
        plot = plot.inset(right=room, left=room if axis.low < 0 else 0)
    scale = axis.scale(plot.left, plot.right)
    _labels(canvas, box, tally.labels, style)
    stack = _Stack(canvas, plot, tally)
    for at, group in enumerate(tally.groups):
        stack.draw_group(at, group, scale, said=said)
    zero = scale(0)
    canvas.sheet.line((zero, plot.top), (zero, plot.bottom), canvas.theme.axis, 1.6 * unit)
    _references(canvas, plot, scale)
    axis_titles(canvas, plot.inset(top=-24 * unit if referring else 0))


def _said(canvas: Canvas, tally: Tally, box: Box) -> bool:
    if canvas.chart.values_shown != "auto":
        return canvas.chart.values_shown == "always"
    thick = box.height / len(tally.labels) / tally.slots()
    return thick > canvas.label.size * 1.05


def _label_style(canvas: Canvas, band: float) -> Style:
    return Style(min(canvas.label.size, max(band * 0.8, canvas.label.size * 0.72)))


@dataclass(frozen=True, slots=True)
class _Stack:
    """All bars under each other, in their groups."""

    canvas: Canvas
    plot: Box
    tally: Tally

    def draw_group(self, at: int, group: Sequence[Bar], scale: Scale, *, said: bool) -> None:
        """The bars of one label."""
        unit, slots = self.canvas.unit, self.tally.slots()
        band = self.plot.height / len(self.tally.labels)
        gap = min(2 * unit, band / slots * 0.1)
        used = min(band * (0.72 if slots == 1 else 0.84), slots * 64 * unit)
        thick = max((used - gap * (slots - 1)) / slots, 1)
        first = self.plot.top + band * at + (band - used) / 2
        for slot, bar in enumerate(group):
            top = first if self.tally.together else first + slot * (thick + gap)
            body = Box(scale(bar.low), top, scale(bar.high), top + thick)
            if self.tally.together and body.width > 3 * unit:
                body = body.inset(right=1.2 * unit)
            self.canvas.sheet.rect(body, bar.color)
            if said:
                self._say(body, bar)

    def _say(self, body: Box, bar: Bar) -> None:
        canvas, unit = self.canvas, self.canvas.unit
        text = self.tally.said(canvas, bar)
        size = min(canvas.label.size, max(body.height * 1.05, canvas.label.size * 0.7))
        style = Style(size, 500 if self.tally.together else 600)
        y = (body.top + body.bottom) / 2 + size * 0.36
        if self.tally.together:
            if style.width(text) + 10 * unit < body.width:
                x = (body.left + body.right) / 2
                canvas.sheet.text((x, y), text, style, over(bar.color), "middle")
        elif (bar.value or 0) < 0:
            canvas.sheet.text((body.left - 9 * unit, y), text, style, canvas.theme.text, "end")
        else:
            canvas.sheet.text((body.right + 9 * unit, y), text, style, canvas.theme.text)


def _labels(canvas: Canvas, box: Box, labels: Sequence[str], style: Style) -> None:
    """At the left edge, on two lines where the band is high enough; some of them if it is low."""
    band = box.height / len(labels)
    width = min(max(style.width(label) for label in labels), box.width * 0.34)
    most = 2 if band > style.size * 2.3 else 1
    step = max(1, round(style.size * 1.15 / band + 0.49))
    for at in range(0, len(labels), step):
        lines = wrapped(labels[at], style, width, most)
        y = box.top + band * (at + 0.5) - (len(lines) - 1) * style.size * 0.6 + style.size * 0.36
        for index, line in enumerate(lines):
            place = (box.left, y + index * style.size * 1.2)
            canvas.sheet.text(place, line, style, canvas.theme.text)


def _references(canvas: Canvas, plot: Box, scale: Scale) -> None:
    """Upright lines, their labels over the plot."""
    unit, theme = canvas.unit, canvas.theme
    for reference in canvas.chart.references:
        if reference.y is None:
            continue
        x = scale(reference.y)
        top = plot.top - 10 * unit
        canvas.sheet.line((x, top), (x, plot.bottom), theme.text, 1.6 * unit, 6 * unit)
        right = x < plot.left + plot.width / 2
        anchor: Anchor = "start" if right else "end"
        place = (x - 2 * unit if right else x + 2 * unit, top - 7 * unit)
        text = shortened(reference.label, canvas.small, plot.width * 0.5)
        canvas.sheet.text(place, text, canvas.small, theme.text, anchor)
