"""Bubbles: discs of all sizes that touch and never overlap, each a target of rings."""

import numpy as np
from numpy.typing import NDArray

from services.generator.generators.art.frame import Drawing, Frame, rgb
from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab

_GAP = 0.006
_DISTINCT = 0.14


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 26)
    frame = Frame(width, height)
    drawing = Drawing(frame, oklab(palette.ground))
    colors = _visible(palette)
    hues = tile(random, 4, 1.6)
    for x, y, radius in _packed(frame, detail, random):
        place = np.array([[x * 0.25, y * 0.25]], dtype=np.float32)
        slow = float(sampled(hues, place[:, 0], place[:, 1])[0])
        _rings(drawing, (x, y, radius), _three(colors, slow, random), palette.ground, random)
    return drawing.picture()


def _visible(palette: Palette) -> list[Floats]:
    """The colours that stand out from the ground."""
    ground = oklab(palette.ground)
    colors = (oklab(color) for color in palette.ribbons)
    return [color for color in colors if float(np.linalg.norm(color - ground)) > _DISTINCT]


def _packed(frame: Frame, detail: float, random: np.random.Generator) -> list[tuple[float, ...]]:
    """(x, y, radius) in units, the largest first: each as large as its place allows."""
    largest, smallest = 0.25 - 0.13 * detail, 0.008
    margin = min(0.055, 0.08 * min(frame.across, frame.down))
    taken = np.zeros((0, 3), dtype=np.float64)
    radius = largest
    while radius > smallest and len(taken) < 2600:
        tries = random.uniform(
            (margin, margin), (frame.across - margin, frame.down - margin), (240, 2)
        )
        for x, y in tries:
            room = _room(taken, x, y, frame, margin)
            if room >= radius:
                taken = np.concatenate((taken, [[x, y, min(room, radius * 1.12)]]))
        radius *= 0.88
    return [tuple(disc) for disc in taken.tolist()]


def _room(taken: NDArray[np.float64], x: float, y: float, frame: Frame, margin: float) -> float:
    """The radius that fits at (x, y)."""
    edge = min(x, y, frame.across - x, frame.down - y) - margin
    if not len(taken):
        return edge
    free = np.hypot(taken[:, 0] - x, taken[:, 1] - y) - taken[:, 2]
    return min(edge, float(free.min()) - _GAP)


def _three(colors: list[Floats], slow: float, random: np.random.Generator) -> list[Floats]:
    """Colours of one disc: led by its neighbourhood's."""
    lead = int(
        np.clip((slow * 0.24 + 0.5 + random.normal(0, 0.12)) * len(colors), 0, len(colors) - 1)
    )
    others = [color for index, color in enumerate(colors) if index != lead]
    first, second = random.choice(len(others), 2, replace=False)
    return [colors[lead], others[first], others[second]]


def _rings(
    drawing: Drawing,
    disc: tuple[float, ...],
    colors: list[Floats],
    ground: str,
    random: np.random.Generator,
) -> None:
    x, y, radius = disc
    drawing.circle(x, y, radius, rgb(colors[0]))
    kind = random.random()
    if radius < 0.022 or kind < 0.25:
        return
    if kind < 0.45:  # a target
        for share, color in ((0.72, oklab(ground)), (0.46, colors[1]), (0.18, colors[2])):
            drawing.circle(x, y, radius * share, rgb(color))
    elif kind < 0.7:  # a moon
        angle = random.uniform(0, 2 * np.pi)
        off, inner = radius * 0.28, radius * 0.60
        drawing.circle(x + off * np.cos(angle), y + off * np.sin(angle), inner, rgb(colors[1]))
    else:  # a record
        for number in range(1, 6):
            color = colors[0] if number % 2 == 0 else colors[1]
            drawing.circle(x, y, radius * (1 - number * 0.16), rgb(color))
