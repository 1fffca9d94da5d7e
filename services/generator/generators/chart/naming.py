"""Names at the right ends of lines and areas, instead of a key."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.generator.generators.chart.canvas import Canvas
from services.generator.generators.chart.lettering import wrapped
from services.generator.generators.chart.sheet import Box, Place


@dataclass(frozen=True, slots=True)
class NamedEnd:
    """Where a line ends, and what it is called."""

    name: str
    color: str
    place: Place


def fits_beside(canvas: Canvas, names: Sequence[str]) -> bool:
    """Whether all names fit under each other beside the plot, and are not too wide for it."""
    if canvas.chart.width < 420 or not all(names):
        return False
    lines = sum(len(_lines(canvas, name)) for name in names)
    return lines * canvas.strong.size * 1.3 < canvas.chart.height * 0.5 and all(
        canvas.strong.width(word) <= _widest(canvas) for name in names for word in name.split()
    )


def needed(canvas: Canvas, names: Sequence[str]) -> float:
    """How much room the names take beside the plot."""
    style = canvas.strong
    widths = [style.width(line) for name in names for line in _lines(canvas, name)]
    return max(widths, default=0) + 16 * canvas.unit


def name_ends(canvas: Canvas, plot: Box, ends: Sequence[NamedEnd]) -> None:
    """Each name as near to its end as the others allow."""
    style = canvas.strong
    pitch = style.size * 1.22
    blocks = sorted(((end, _lines(canvas, end.name)) for end in ends), key=_height)
    heights = [len(lines) * pitch + 4 * canvas.unit for _, lines in blocks]
    centres = apart([end.place[1] for end, _ in blocks], heights, plot.top - 10, plot.bottom + 10)
    for (end, lines), centre in zip(blocks, centres, strict=True):
        first = centre - (len(lines) - 1) * pitch / 2 + style.size * 0.36
        for index, line in enumerate(lines):
            place = (plot.right + 16 * canvas.unit, first + index * pitch)
            canvas.sheet.text(place, line, style, canvas.ink(end.color))


def apart(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Centres as near as can be to the `wanted` (sorted) ones, of blocks that do not overlap.

    Neighbours that would are moved together: groups share their mean displacement, as in the
    pool-adjacent-violators algorithm.
    """
    offsets = [sum(heights[:i]) + heights[i] / 2 for i in range(len(heights))]
    groups: list[tuple[float, int]] = []
    for target, offset in zip(wanted, offsets, strict=True):
        groups.append((target - offset, 1))
        while len(groups) > 1 and groups[-2][0] > groups[-1][0]:
            (a, n), (b, m) = groups[-2:]
            groups[-2:] = [((a * n + b * m) / (n + m), n + m)]
    shifts = [shift for shift, count in groups for _ in range(count)]
    total = sum(heights)
    bounded = [max(low, min(shift, high - total)) for shift in shifts]
    return [shift + offset for shift, offset in zip(bounded, offsets, strict=True)]


def _height(block: tuple[NamedEnd, list[str]]) -> float:
    return block[0].place[1]


def _lines(canvas: Canvas, name: str) -> list[str]:
    return wrapped(name, canvas.strong, _widest(canvas), 2)


def _widest(canvas: Canvas) -> float:
    return canvas.chart.width * 0.2
