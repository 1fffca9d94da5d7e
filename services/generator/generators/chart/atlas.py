"""Choropleths: countries of the world, coloured by value."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

from services.generator.generators.chart import formats
from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.cells import Shading
from services.generator.generators.chart.colors import along
from services.generator.generators.chart.countries import Country, country
from services.generator.generators.chart.frame import frame
from services.generator.generators.chart.scales import ticks
from services.generator.generators.chart.sheet import Box
from services.generator.generators.chart.world import Fit, fit, lands, project
from shared.errors import InvalidInputError

_CLASSES = 5
_ASPECT = 2.13


@dataclass(frozen=True, slots=True)
class Classes:
    """Values cut into classes at `bounds`; class i is below bounds[i], the last is above all."""

    bounds: tuple[float, ...]
    colors: tuple[str, ...]

    def __call__(self, value: float) -> str:
        return self.colors[sum(value >= bound for bound in self.bounds)]


def draw(canvas: Canvas) -> None:
    """The map, and its key at the lower left, where there is only sea."""
    values = _by_country(canvas)
    classes = classed(canvas, [value for _, value in values.values()])
    box = frame(canvas)
    key = canvas.small.size * 1.5 * (len(classes.colors) + 1)
    spare = box.height - box.width / _ASPECT - key
    if spare > 0:  # a high chart: the key goes under the map
        box = box.inset(top=spare * 0.25, bottom=spare * 0.75)
    place = fit(box.inset(bottom=key if spare > 0 else 0))
    edge = canvas.theme.ground
    for land in lands():
        known = values.get(land.code)
        fill = classes(known[1]) if known else canvas.theme.land
        rings = [[place(at) for at in ring] for ring in land.rings]
        canvas.sheet.shape(rings, fill=fill, stroke=edge, width=0.8 * canvas.unit)
    _small_ones(canvas, values, classes, place)
    _key(canvas, box, classes, complete=len(values) >= 190)


def _by_country(canvas: Canvas) -> dict[str, tuple[Country, float]]:
    chart = canvas.chart
    found: dict[str, tuple[Country, float]] = {}
    seen: dict[str, str] = {}
    for label, value in zip(chart.labels, chart.series[0].values, strict=True):
        here = country(label)
        if here.numeric in seen:
            first = seen[here.numeric]
            raise InvalidInputError(f"labels: {first!r} and {label!r} are the same country")
        seen[here.numeric] = label
        if value is not None:
            found[here.numeric] = (here, value)
    return found


def _small_ones(
    canvas: Canvas, values: dict[str, tuple[Country, float]], classes: Classes, place: Fit
) -> None:
    """Countries that the map is too coarse for are dots."""
    for here, value in values.values():
        if here.spot:
            at, radius = place(project(*here.spot)), 4.2 * canvas.unit
            canvas.sheet.dot(at, radius, classes(value), canvas.theme.ground, 1.4 * canvas.unit)


def classed(canvas: Canvas, values: Sequence[float]) -> Classes:
    """Up to five classes with round bounds, coloured along the ramp."""
    low, high = min(values), max(values)
    even = canvas.chart.classes == "even" or low < 0 < high
    bounds = _even(low, high) if even else _quantiles(values)
    if low < 0 < high:
        shade = Shading(canvas)
        edges = [low, *bounds, high]
        middles = [(a + b) / 2 for a, b in pairwise(edges)]
        return Classes(tuple(bounds), tuple(shade(middle) for middle in middles))
    last = len(bounds)
    ramp = canvas.theme.ramp
    return Classes(
        tuple(bounds), tuple(along(ramp, at / last if last else 1) for at in range(last + 1))
    )


def _even(low: float, high: float) -> list[float]:
    if low == high:
        return []
    places, _ = ticks(low, high, _CLASSES)
    return [at for at in places if low < at < high]


def _quantiles(values: Sequence[float]) -> list[float]:
    """Bounds with like numbers of values between them, rounded to two digits where that does."""
    ordered = sorted(values)
    last = len(ordered) - 1
    cuts = [ordered[round(last * at / _CLASSES)] for at in range(1, _CLASSES)]
    bounds = sorted({_two_digits(cut) for cut in cuts})
    return [at for at in bounds if ordered[0] < at < ordered[-1]]


def _two_digits(value: float) -> float:
    return round(value, 1 - floor(log10(abs(value)))) if value else 0.0


def _key(canvas: Canvas, box: Box, classes: Classes, *, complete: bool) -> None:
    """The colours under each other with what they stand for, the most on top."""
    unit, style, theme = canvas.unit, canvas.small, canvas.theme
    rows = list(zip(reversed(classes.colors), reversed(_ranges(canvas, classes)), strict=True))
    if not complete:
        rows.append((theme.land, formats.NO_DATA[canvas.chart.locale]))
    pitch = style.size * 1.5
    y = box.bottom - pitch * (len(rows) - 1)
    for color, text in rows:
        swatch = Box(box.left, y - style.size * 0.95, box.left + 26 * unit, y + style.size * 0.25)
        canvas.sheet.rect(swatch, color, 2 * unit)
        place = (box.left + 36 * unit, y)
        canvas.sheet.text(place, text, style, theme.text, halo=theme.ground)
        y += pitch


def _ranges(canvas: Canvas, classes: Classes) -> list[str]:
    """What each class covers, the least first."""
    bounds = [canvas.numbers.value(bound) for bound in classes.bounds]
    if not bounds:
        known = (value for value in canvas.chart.series[0].values if value is not None)
        return [canvas.numbers.value(next(known))]
    between = [f"{low} – {high}" for low, high in pairwise(bounds)]
    return [f"< {bounds[0]}", *between, f"≥ {bounds[-1]}"]
