"""Headline, subtitle, key and source: everything around the plot."""

from collections.abc import Sequence

from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.lettering import Style, shortened, wrapped
from services.generator.generators.chart.sheet import Box

Key = Sequence[tuple[str, str]]
"""Names and their colours."""


def frame(canvas: Canvas, key: Key = ()) -> Box:
    """Draw it; the answer is the room that is left for the plot."""
    chart, unit = canvas.chart, canvas.unit
    margin = 48 * unit
    page = Box(margin, 0, chart.width - margin, chart.height)
    canvas.sheet.rect(Box(margin, 0, margin + 72 * unit, 9 * unit), canvas.theme.accent)
    top = _head(canvas, page)
    if key:
        top = _key(canvas, page, top + 16 * unit, key)
    bottom = chart.height - 34 * unit
    if chart.source:
        source = shortened(chart.source, canvas.small, page.width)
        canvas.sheet.text((page.left, bottom), source, canvas.small, canvas.theme.muted)
        bottom -= 40 * unit
    return Box(page.left, top + 26 * unit, page.right, bottom)


def _head(canvas: Canvas, page: Box) -> float:
    """Title and subtitle; the answer is where the last line stands."""
    chart, theme = canvas.chart, canvas.theme
    style = _fitting(canvas, page)
    y = 34 * canvas.unit
    for line in wrapped(chart.title, style, page.width, 3):
        y += style.size * 1.16
        canvas.sheet.text((page.left, y), line, style, theme.title)
    small = canvas.subtitle
    y += 5 * canvas.unit if chart.subtitle else 0
    room = int((chart.height * 0.4 - y) / (small.size * 1.34))
    for line in wrapped(chart.subtitle, small, page.width, min(max(room, 1), 4)):
        y += small.size * 1.34
        canvas.sheet.text((page.left, y), line, small, theme.muted)
    return y


def _fitting(canvas: Canvas, page: Box) -> Style:
    """The title's size: smaller where it would need more than two lines."""
    size = canvas.title.size
    for share in (1, 0.88, 0.78):
        style = Style(size * share, 700, "Inter Display", -0.018)
        if len(wrapped(canvas.chart.title, style, page.width, 3)) <= 2:
            break
    return style


def _key(canvas: Canvas, page: Box, top: float, key: Key) -> float:
    """Names after squares of their colours, on as many lines as half of the chart has."""
    unit = canvas.unit
    style = canvas.label if len(key) < 13 else canvas.small
    square, x, y = 15 * unit, page.left, top + style.size
    for line, (name, color) in enumerate(key):
        shown = shortened(name, style, page.width * 0.46)
        width = square + 9 * unit + style.width(shown)
        if line and x + width > page.right:
            x, y = page.left, y + style.size * 1.5
        if y > canvas.chart.height * 0.55:
            canvas.sheet.text((x, y), "…", style, canvas.theme.text)
            break
        swatch = Box(x, y - square * 0.88, x + square, y + square * 0.12)
        canvas.sheet.rect(swatch, color, 3 * unit)
        canvas.sheet.text((x + square + 9 * unit, y), shown, style, canvas.theme.text)
        x += width + 26 * unit
    return y
