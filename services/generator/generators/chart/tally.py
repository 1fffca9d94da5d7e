"""Bars before they are drawn: values, where they begin and end, colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.generator.generators.chart.axes import ValueAxis, value_axis
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.lettering import Style


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, from `low` to `high`; `value` is what it says, None: there is none."""

    value: float | None
    low: float
    high: float
    color: str


@dataclass(frozen=True, slots=True)
class Tally:
    """A group of bars for each label. `together`: each group is one bar in parts."""

    labels: Sequence[str]
    groups: Sequence[Sequence[Bar]]
    together: bool
    share: bool

    def axis(self, canvas: Canvas, count: int, *, said: bool) -> ValueAxis:
        """From zero to the last bar's end; to a whole step beyond, where ticks tell the values."""
        edges = [edge for group in self.groups for bar in group for edge in (bar.low, bar.high)]
        edges += [ref.y for ref in canvas.chart.references if ref.y is not None]
        low, high = min(0, *edges), max(0, *edges)
        high = high if high > low else 1
        if said and not self.together:
            return ValueAxis(low, high, ())
        return value_axis(canvas.numbers, low, high, count, percent=self.share)

    def slots(self) -> int:
        """Bars side by side in a group."""
        return 1 if self.together else len(self.groups[0])

    def said(self, canvas: Canvas, bar: Bar) -> str:
        """The value as it is written at a bar."""
        if bar.value is None:
            return ""
        if self.share:
            return canvas.numbers.share(bar.high - bar.low)
        return canvas.numbers.value(bar.value)

    def widest(self, canvas: Canvas, style: Style) -> float:
        """How wide the widest value is."""
        return max(style.width(self.said(canvas, bar)) for group in self.groups for bar in group)
