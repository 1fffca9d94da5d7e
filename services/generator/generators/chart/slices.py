"""Pie and donut charts: the slices are named beside them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from services.generator.generators.chart import formats
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.lettering import Style, shortened, wrapped
from services.generator.generators.chart.naming import apart
from services.generator.generators.chart.sheet import Anchor, Box, Place

_MOST: Final = 9
_LEAST: Final = 3
_STEP: Final = pi / 180


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the whole; angles clockwise from the top, in radians."""

    label: str
    value: float
    share: float
    start: float
    end: float
    color: str

    @property
    def middle(self) -> float:
        return (self.start + self.end) / 2


def draw(canvas: Canvas) -> None:
    """The whole in the middle, the names left and right of it."""
    box = frame(canvas)
    pitch = canvas.strong.size * 2.5 + 8 * canvas.unit
    slices = sliced(canvas, max(_LEAST, min(_MOST, int((box.height + 12) / pitch))))
    radius = min(box.height / 2 - 14 * canvas.unit, box.width * 0.27)
    centre = ((box.left + box.right) / 2, (box.top + box.bottom) / 2)
    hole = radius * 0.58 if canvas.chart.kind == "donut" else 0
    for part in slices:
        ring = list(_ring(centre, radius, hole, part))
        edge = canvas.theme.ground if len(slices) > 1 else ""
        canvas.sheet.path(ring, fill=part.color, stroke=edge, width=2.4 * canvas.unit)
    if hole:
        _total(canvas, centre, hole)
    if canvas.chart.values_shown != "never" or len(slices) > 1:
        for right in (True, False):
            _names(canvas, box, centre, radius, [s for s in slices if (s.middle <= pi) == right])


def sliced(canvas: Canvas, most: int) -> list[Slice]:
    """The slices, in the order asked for; of more than `most` the smallest are one: Other."""
    chart = canvas.chart
    pairs = [
        (label, value or 0.0)
        for label, value in zip(chart.labels, chart.series[0].values, strict=True)
    ]
    if chart.sort != "none":
        pairs.sort(key=lambda pair: pair[1], reverse=chart.sort == "descending")
    other = formats.OTHER[chart.locale]
    pairs = _merged([pair for pair in pairs if pair[1] > 0], other, most)
    colors = canvas.series_colors([label for label, _ in pairs])
    if pairs[-1][0] == other:
        colors[-1] = canvas.theme.rest
    total, angle = sum(value for _, value in pairs), 0.0
    slices = []
    for (label, value), color in zip(pairs, colors, strict=True):
        end = angle + value / total * 2 * pi
        slices.append(Slice(label, value, value / total, angle, end, color))
        angle = end
    return slices


def _merged(pairs: list[tuple[str, float]], other: str, most: int) -> list[tuple[str, float]]:
    if len(pairs) <= most:
        return pairs
    kept = {label for label, _ in sorted(pairs, key=lambda p: -p[1])[: most - 1]}
    rest = sum(value for label, value in pairs if label not in kept)
    return [*(pair for pair in pairs if pair[0] in kept), (other, rest)]


def _ring(centre: Place, radius: float, hole: float, part: Slice) -> Iterator[Place]:
    steps = max(2, int((part.end - part.start) / _STEP) + 1)
    angles = [part.start + (part.end - part.start) * i / steps for i in range(steps + 1)]
    yield from (at(centre, radius, angle) for angle in angles)
    if hole:
        yield from (at(centre, hole, angle) for angle in reversed(angles))
    elif part.share < 1:
        yield centre


def at(centre: Place, radius: float, angle: float) -> Place:
    """The place at `angle`, clockwise from the top."""
    return centre[0] + radius * sin(angle), centre[1] - radius * cos(angle)


def _total(canvas: Canvas, centre: Place, hole: float) -> None:
    if canvas.chart.number_format == "percent" or canvas.chart.values_shown == "never":
        return
    total = canvas.numbers.value(sum(value or 0 for value in canvas.chart.series[0].values))
    size = min(44 * canvas.unit, 1.5 * hole / max(Style(1, 700, "Inter Display").width(total), 1))
    style = Style(size, 700, "Inter Display", -0.018)
    name = canvas.chart.series[0].name
    x, y = centre[0], centre[1] + size * (0.36 if not name else 0.12)
    canvas.sheet.text((x, y), total, style, canvas.theme.title, "middle")
    small = canvas.small
    shown = shortened(name, small, 1.5 * hole)
    canvas.sheet.text((x, y + small.size * 1.6), shown, small, canvas.theme.muted, "middle")


def _names(canvas: Canvas, box: Box, centre: Place, radius: float, slices: Sequence[Slice]) -> None:
    """On one side: as near to each slice as the others allow, with a fine line to it."""
    unit, style = canvas.unit, canvas.strong
    ordered = sorted(slices, key=lambda part: at(centre, radius, part.middle)[1])
    pitch = style.size * 1.25
    width = box.width / 2 - radius - 64 * unit
    texts = [wrapped(part.label, style, width, 2) for part in ordered]
    if sum(len(lines) + 1.3 for lines in texts) * pitch > box.height:
        texts = [[shortened(part.label, style, width)] for part in ordered]
    heights = [(len(lines) + 1) * pitch + 8 * unit for lines in texts]
    wanted = [at(centre, radius * 1.06, part.middle)[1] for part in ordered]
    middles = apart(wanted, heights, box.top - 6 * unit, box.bottom + 6 * unit)
    for part, lines, middle in zip(ordered, texts, middles, strict=True):
        edge = at(centre, radius + 4 * unit, part.middle)
        side = 1 if part.middle <= pi else -1
        beside = (centre[0] + side * (radius + 40 * unit), middle)
        _name(canvas, edge, beside, part, lines)


def _name(canvas: Canvas, edge: Place, beside: Place, part: Slice, lines: list[str]) -> None:
    unit, style = canvas.unit, canvas.strong
    side = 1 if part.middle <= pi else -1
    x, middle = beside
    elbow = (x - side * 14 * unit, middle)
    tip = (x - side * 6 * unit, middle)
    canvas.sheet.path([edge, elbow, tip], stroke=canvas.theme.rest, width=1.4 * unit)
    pitch = style.size * 1.25
    y = middle - len(lines) * pitch / 2 + style.size * 0.36
    anchor: Anchor = "start" if side > 0 else "end"
    for line in lines:
        canvas.sheet.text((x, y), line, style, canvas.theme.text, anchor)
        y += pitch
    canvas.sheet.text((x, y), _said(canvas, part), canvas.label, canvas.theme.muted, anchor)


def _said(canvas: Canvas, part: Slice) -> str:
    share = canvas.numbers.share(part.share)
    if canvas.chart.number_format == "percent" or canvas.chart.values_shown != "always":
        return share
    return f"{canvas.numbers.value(part.value)} ({share})"
