"""Scatter charts: dots, in colours and sizes, named where there is room."""

from collections.abc import Callable, Iterable, Sequence
from math import log10

from services.generator.generators.chart.axes import (
    ValueAxis,
    axis_titles,
    columns,
    grid,
    log_axis,
    room,
    rows_for,
    value_axis,
)
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.formats import NumberStyle
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.inputs import Point
from services.generator.generators.chart.lettering import shortened
from services.generator.generators.chart.moments import number
from services.generator.generators.chart.references import across, upright
from services.generator.generators.chart.sheet import Box, Place

_MOST_NAMES = 400

Radius = Callable[[Point], float]


def draw(canvas: Canvas) -> None:
    """Large dots first, so that small ones lie on them."""
    chart = canvas.chart
    groups = list(dict.fromkeys(point.group for point in chart.points))
    colors = _colors(canvas, groups)
    key = [(name, colors[name]) for name in groups if name][:12] if len(groups) > 1 else []
    box = frame(canvas, key)
    radius = _radius(canvas)
    axis = _axis(canvas, box, radius)
    plot = room(canvas, box, axis)
    across_axis = _across_axis(canvas, plot, radius)
    grid(canvas, plot, axis, base=None)
    columns(canvas, plot, across_axis, base=None)
    horizontal = across_axis.scale(plot.left, plot.right)
    vertical = axis.scale(plot.bottom, plot.top)
    across(canvas, plot, axis)
    upright(canvas, plot, lambda x: (horizontal(number(x) or 0) - plot.left) / plot.width)
    placed = [((horizontal(p.x), vertical(p.y)), radius(p), p) for p in chart.points]
    placed.sort(key=lambda each: -each[1])
    fill = "cc" if len(placed) < 400 else "88"
    for place, size, point in placed:
        color = _color(canvas, point, colors)
        canvas.sheet.dot(place, size, color + fill, canvas.theme.ground, 1 * canvas.unit)
    _names(canvas, plot, placed)
    axis_titles(canvas, plot)


def _colors(canvas: Canvas, groups: Sequence[str]) -> dict[str, str]:
    return dict(zip(groups, canvas.series_colors(groups), strict=True))


def _color(canvas: Canvas, point: Point, colors: dict[str, str]) -> str:
    highlight = canvas.chart.highlight
    if not highlight or point.group in highlight:
        return colors[point.group]
    return canvas.theme.series[0] if point.label in highlight else canvas.theme.rest


def _axis(canvas: Canvas, box: Box, radius: Radius) -> ValueAxis:
    chart, rows = canvas.chart, rows_for(canvas, box.height)
    values = [point.y for point in chart.points]
    values += [reference.y for reference in chart.references if reference.y is not None]
    values += [bound for bound in (chart.y_min, chart.y_max) if bound is not None]
    dots = [(p.y, radius(p)) for p in chart.points]
    log = chart.y_scale == "log"
    return _fitted(canvas.numbers, _range(values, dots, box.height, log=log), rows, log=log)


def _across_axis(canvas: Canvas, plot: Box, radius: Radius) -> ValueAxis:
    """Numbers without the unit, which belongs to what goes up."""
    chart = canvas.chart
    values = [point.x for point in chart.points]
    values += [n for r in chart.references if r.x and (n := number(r.x)) is not None]
    dots = [(p.x, radius(p)) for p in chart.points]
    count = max(2, min(8, int(plot.width / (150 * canvas.unit))))
    log, plain = chart.x_scale == "log", NumberStyle(locale=chart.locale)
    return _fitted(plain, _range(values, dots, plot.width, log=log), count, log=log)


def _fitted(numbers: NumberStyle, ends: tuple[float, float], count: int, *, log: bool) -> ValueAxis:
    return log_axis(numbers, *ends, count) if log else value_axis(numbers, *ends, count, tight=True)


def _range(
    values: Sequence[float], dots: Sequence[tuple[float, float]], length: float, *, log: bool
) -> tuple[float, float]:
    """The ends of an axis `length` pixels long on which no dot (value, radius) leaves it."""
    if log:
        inner = [(log10(value), size) for value, size in dots]
        low, high = _range([log10(value) for value in values], inner, length, log=False)
        return 10**low, 10**high
    low, high = min(values), max(values)
    a_pixel = (high - low) / max(length, 1)
    return (
        min(low, *(value - size * a_pixel for value, size in dots)),
        max(high, *(value + size * a_pixel for value, size in dots)),
    )


def _radius(canvas: Canvas) -> Radius:
    """How large a dot is, in pixels: its area is in proportion to its size."""
    sizes = [point.size for point in canvas.chart.points if point.size is not None]
    crowd = len(canvas.chart.points)
    usual = (7.5 if crowd < 150 else 5.5 if crowd < 1500 else 3.2) * canvas.unit
    largest = max(sizes, default=0)
    if largest <= 0:
        return lambda _point: usual
    most = (44 if crowd < 60 else 30) * canvas.unit
    return lambda point: max(2.5 * canvas.unit, most * ((point.size or 0) / largest) ** 0.5)


def _names(canvas: Canvas, plot: Box, placed: Sequence[tuple[Place, float, Point]]) -> None:
    """Right or left of, over or under its dot; those that would touch another are left out."""
    taken: list[Box] = [_around(place, size * 0.72) for place, size, _ in placed[:_MOST_NAMES]]
    highlight = canvas.chart.highlight
    wanted = [each for each in placed if each[2].label][:_MOST_NAMES]
    wanted.sort(key=lambda e: e[2].label not in highlight and e[2].group not in highlight)
    if highlight:
        lit = [e for e in wanted if e[2].label in highlight or e[2].group in highlight]
        wanted = lit or wanted
    for place, size, point in wanted:
        text = shortened(point.label, canvas.small, plot.width * 0.3)
        box = next(
            (
                box
                for box in _beside(canvas, place, size, text)
                if _inside(box, plot, canvas) and not any(box.meets(other) for other in taken)
            ),
            None,
        )
        if box:
            taken.append(box)
            at = (box.left, box.bottom - canvas.small.size * 0.18)
            theme = canvas.theme
            canvas.sheet.text(at, text, canvas.small, theme.text, halo=theme.ground)


def _around(place: Place, size: float) -> Box:
    return Box(place[0] - size, place[1] - size, place[0] + size, place[1] + size)


def _beside(canvas: Canvas, place: Place, size: float, text: str) -> Iterable[Box]:
    width, height = canvas.small.width(text), canvas.small.size
    (x, y), gap = place, size + 4 * canvas.unit
    yield Box(x + gap, y - height / 2, x + gap + width, y + height / 2)
    yield Box(x - gap - width, y - height / 2, x - gap, y + height / 2)
    yield Box(x - width / 2, y - gap - height, x + width / 2, y - gap)
    yield Box(x - width / 2, y + gap, x + width / 2, y + gap + height)


def _inside(box: Box, plot: Box, canvas: Canvas) -> bool:
    right = canvas.chart.width - 12 * canvas.unit
    return box.left >= plot.left and box.right <= right and box.top >= plot.top - 30 * canvas.unit
