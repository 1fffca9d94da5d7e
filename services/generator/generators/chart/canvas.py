"""What every kind of chart draws with: its input, colours, sizes of text, and the sheet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import sqrt

from services.generator.generators.chart.colors import readable
from services.generator.generators.chart.formats import NumberStyle
from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.chart.lettering import Style
from services.generator.generators.chart.sheet import Sheet
from services.generator.generators.chart.themes import THEMES, Theme


@dataclass(frozen=True)
class Canvas:
    """One chart under way. `unit` is one pixel of a chart of 1200 x 675, at this chart's size."""

    chart: ChartInput
    sheet: Sheet = field(default_factory=Sheet)

    @cached_property
    def theme(self) -> Theme:
        return THEMES[self.chart.theme]

    @cached_property
    def unit(self) -> float:
        ratio = sqrt(self.chart.width * self.chart.height / (1200 * 675))
        return min(max(ratio, 0.58), self.chart.width / 480, self.chart.height / 330)

    @cached_property
    def numbers(self) -> NumberStyle:
        chart = self.chart
        style = NumberStyle(
            chart.number_format, chart.locale, chart.currency, chart.unit, chart.decimals
        )
        return style.suited(v for s in chart.series for v in s.values if v is not None)

    @cached_property
    def title(self) -> Style:
        return Style(40 * self.unit, 700, "Inter Display", -0.018)

    @cached_property
    def subtitle(self) -> Style:
        return Style(23 * self.unit)

    @cached_property
    def label(self) -> Style:
        return Style(19 * self.unit)

    @cached_property
    def strong(self) -> Style:
        return Style(19 * self.unit, 600)

    @cached_property
    def small(self) -> Style:
        return Style(16 * self.unit)

    def series_colors(self, names: Sequence[str]) -> list[str]:
        """A colour for each of `names`; grey for those that are not highlighted, if any are."""
        palette = self.theme.series
        colors = [palette[index % len(palette)] for index in range(len(names))]
        chosen = [name in self.chart.highlight for name in names]
        if not any(chosen):
            return colors
        bright = iter(palette * 6)
        return [next(bright) if lit else self.theme.rest for lit in chosen]

    def ink(self, color: str) -> str:
        """`color` as text on this ground; grey ones become the muted text colour."""
        if color == self.theme.rest:
            return self.theme.muted
        return readable(color, self.theme.ground)
