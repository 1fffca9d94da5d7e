"""A chart put together: the marks of its kind, set by Typst as PNG, SVG or PDF."""

import html
import io
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from PIL import Image

from services.generator.generators.chart import (
    areas,
    atlas,
    bars,
    cells,
    dots,
    lines,
    slices,
)
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.typography.faces import FontChoice
from services.generator.generators.typography.pictographs import pictographs
from services.generator.generators.typography.typesetting import Format, typeset

PLATE: Final = Path(__file__).parent / "plate.typ"

_DRAWERS: Final[dict[str, Callable[[Canvas], None]]] = {
    "line": lines.draw,
    "area": areas.draw,
    "bar": bars.draw,
    "pie": slices.draw,
    "donut": slices.draw,
    "scatter": dots.draw,
    "heatmap": cells.draw,
    "choropleth": atlas.draw,
}


def laid_out(chart: ChartInput) -> Canvas:
    """The chart as marks on a sheet."""
    canvas = Canvas(chart)
    _DRAWERS[chart.kind](canvas)
    return canvas


class Press:
    """Prints one canvas, in as many formats as are wanted; `stages` says how long each took."""

    def __init__(self, canvas: Canvas, fonts: FontChoice, scratch: Path) -> None:
        self._canvas = canvas
        self._fonts = fonts
        self._scratch = scratch
        self.stages: dict[str, float] = {}

    def printed(self, format: Format, scale: int = 1) -> bytes:
        """The chart in one format; `scale` is pixels of a PNG for each of the chart."""
        started = perf_counter()
        plate = self._plate()
        (page,) = typeset(PLATE, plate, self._fonts, self._scratch, format=format, ppi=72 * scale)
        self.stages[format] = round(perf_counter() - started, 4)
        return _titled(page, self._canvas.chart) if format == "svg" else page

    def _plate(self) -> dict[str, Any]:
        chart = self._canvas.chart
        return {
            "title": chart.title,
            "description": chart.subtitle,
            "width": chart.width,
            "height": chart.height,
            "ground": self._canvas.theme.ground,
            "lang": chart.locale,
            "fallback": list(self._fonts.fallback),
            "pictographs": pictographs(self._fonts),
            "marks": self._canvas.sheet.marks,
        }


def picture(png: bytes) -> Image.Image:
    """What a chart looks like that cannot be decoded as it is."""
    with Image.open(io.BytesIO(png)) as opened:
        return opened.convert("RGB")


def _titled(svg: bytes, chart: ChartInput) -> bytes:
    """The picture with a name for those who do not see it: its text is drawn as shapes."""
    head, _, rest = svg.partition(b">")
    title = html.escape(f"{chart.title}. {chart.subtitle}".rstrip(". "))
    return head + b' role="img">' + f"<title>{title}</title>".encode() + rest
