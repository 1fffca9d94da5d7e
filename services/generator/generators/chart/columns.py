"""Bars that stand."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.generator.generators.chart.axes import (
    axis_titles,
    below,
    clipped,
    folded,
    grid,
    room,
    rows_for,
    thinned,
)
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.colors import over
from services.generator.generators.chart.references import across, upright
from services.generator.generators.chart.scales import Scale
from services.generator.generators.chart.sheet import Box
from services.generator.generators.chart.tally import Bar, Tally


def draw_columns(canvas: Canvas, box: Box, tally: Tally) -> None:
    """Values stand on the bars where there is room for all; an axis tells them elsewhere."""
    said = _Row(canvas, box, tally).has_room_for_values()
    on_top = said and not tally.together
    axis = tally.axis(canvas, rows_for(canvas, box.height), said=said)
    plot = room(canvas, box, axis)
    if on_top:
        below_zero = 30 * canvas.unit if axis.low < 0 else 0
        plot = Box(box.left, plot.top + 22 * canvas.unit, plot.right, plot.bottom - below_zero)
    lines = folded(tally.labels, canvas.label, plot.width / len(tally.labels) - 12 * canvas.unit)
    if lines and any(len(parts) > 1 for parts in lines):
        plot = plot.inset(bottom=canvas.label.size * 1.2)
    if not on_top:
        grid(canvas, plot, axis)
    scale = axis.scale(plot.bottom, plot.top)
    row = _Row(canvas, plot, tally)
    for at, group in enumerate(tally.groups):
        row.draw_group(at, group, scale, said=said)
    zero = scale(0)
    canvas.sheet.line((plot.left, zero), (plot.right, zero), canvas.theme.axis, 1.6 * canvas.unit)
    last = max(bar.high for bar in tally.groups[-1])
    across(canvas, plot, axis, free=lambda at: last < at)
    upright(canvas, plot, lambda x: (tally.labels.index(x) + 0.5) / len(tally.labels))
    below_zero = 30 * canvas.unit if on_top and axis.low < 0 else 0
    _labels(canvas, plot.inset(bottom=-below_zero), tally.labels, lines)
    axis_titles(canvas, plot)


@dataclass(frozen=True, slots=True)
class _Row:
    """All bars side by side, in their groups."""

    canvas: Canvas
    plot: Box
    tally: Tally

    def widths(self) -> tuple[float, float, float]:
        """Of a label's band, of one bar in it, and between two bars."""
        unit, slots = self.canvas.unit, self.tally.slots()
        band = self.plot.width / len(self.tally.labels)
        gap = min(3 * unit, band / slots * 0.12) if slots > 1 else 0
        used = min(band * (0.72 if slots == 1 else 0.82), slots * 130 * unit)
        return band, max((used - gap * (slots - 1)) / slots, 1), gap

    def has_room_for_values(self) -> bool:
        """Whether bars carry their values."""
        asked = self.canvas.chart.values_shown
        if asked != "auto":
            return asked == "always"
        band, bar, gap = self.widths()
        room = (band if self.tally.slots() == 1 else bar + gap) - 6 * self.canvas.unit
        if self.tally.together:
            room = bar - 8 * self.canvas.unit
        style = self.canvas.label if self.tally.together else self.canvas.strong
        return self.tally.widest(self.canvas, style) <= room

    def draw_group(self, at: int, group: Sequence[Bar], scale: Scale, *, said: bool) -> None:
        """The bars of one label."""
        band, width, gap = self.widths()
        slots = self.tally.slots()
        first = self.plot.left + band * at + (band - width * slots - gap * (slots - 1)) / 2
        for slot, bar in enumerate(group):
            left = first if self.tally.together else first + slot * (width + gap)
            body = Box(left, scale(bar.high), left + width, scale(bar.low))
            if self.tally.together and body.height > 3 * self.canvas.unit:
                body = body.inset(top=1.2 * self.canvas.unit)
            self.canvas.sheet.rect(body, bar.color)
            if said:
                self._say(body, bar)

    def _say(self, body: Box, bar: Bar) -> None:
        canvas, style = self.canvas, self.canvas.label
        text, x = self.tally.said(canvas, bar), (body.left + body.right) / 2
        if self.tally.together:
            if body.height > style.size * 1.35:
                y = (body.top + body.bottom) / 2 + style.size * 0.36
                canvas.sheet.text((x, y), text, style, over(bar.color), "middle")
            return
        down = (bar.value or 0) < 0
        y = body.bottom + style.size + 4 * canvas.unit if down else body.top - 9 * canvas.unit
        canvas.sheet.text((x, y), text, canvas.strong, canvas.theme.text, "middle")


def _labels(
    canvas: Canvas, plot: Box, labels: Sequence[str], lines: list[list[str]] | None
) -> None:
    """Under the bars, on two lines where that makes all fit."""
    band = plot.width / len(labels)
    centres = [plot.left + band * (at + 0.5) for at in range(len(labels))]
    if lines is None:
        whole = list(zip(centres, clipped(canvas, labels, plot.width), strict=True))
        below(canvas, thinned(whole, canvas.label, 14 * canvas.unit), plot, canvas.label)
        return
    for row in range(2):
        shifted = Box(plot.left, 0, plot.right, plot.bottom + row * canvas.label.size * 1.2)
        kept = zip(centres, lines, strict=True)
        below(canvas, [(x, p[row]) for x, p in kept if len(p) > row], shifted, canvas.label)
