"""Tiles: circles, quarters, arches, leaves and stripes in a square grid, as at the Bauhaus."""

from collections.abc import Callable
from typing import Final

import numpy as np

from services.generator.generators.art.frame import Drawing, Frame, rgb
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab

Color = tuple[int, ...]
Square = tuple[float, float, float]  # left, top, side, in units


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 24)
    frame = Frame(width, height)
    colors = [rgb(oklab(color)) for color in (palette.ground, *palette.ribbons)]
    drawing = Drawing(frame, oklab(palette.ground))
    rows = max(1, round((4 + 6 * detail) * frame.down))
    side = frame.down / rows
    columns = int(np.ceil(frame.across / side))
    left = (frame.across - columns * side) / 2
    for row in range(rows):
        for column in range(columns):
            square = (left + column * side, row * side, side)
            _tile(drawing, square, colors, random)
    return drawing.picture()


def _tile(
    drawing: Drawing, square: Square, colors: list[Color], random: np.random.Generator
) -> None:
    under, over, accent = (colors[i] for i in random.choice(len(colors), 3, replace=False))
    x, y, side = square
    drawing.pen.rectangle(drawing.box(x, y, x + side, y + side), fill=under)
    shape = _SHAPES[int(random.choice(len(_SHAPES), p=_CHANCES))]
    shape(drawing, square, (over, accent, under), int(random.integers(4)))


def _quarters(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    """Rings about one corner, cut at the tile's sides."""
    for share, color in ((1.0, colors[0]), (0.66, colors[1]), (0.33, colors[2])):
        _pie(drawing, square, turn, share, color)


def _quarter(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    _pie(drawing, square, turn, 1.0, colors[0])


def _leaf(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    """What two quarters from opposite corners have in common."""
    x, y, side = square
    angles = np.linspace(0, np.pi / 2, 40)
    arc = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    outline = np.concatenate((arc, 1 - arc))
    if turn % 2:
        outline[:, 0] = 1 - outline[:, 0]
    drawing.polygon([(x + px * side, y + py * side) for px, py in outline.tolist()], colors[0])


def _disc(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    x, y, side = square
    drawing.circle(x + side / 2, y + side / 2, side * 0.5, colors[0])
    if turn:
        drawing.circle(x + side / 2, y + side / 2, side * (0.12 + 0.06 * turn), colors[1])


def _halves(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    """Two half discs, one after the other."""
    x, y, side = square
    for index in range(2):
        if turn % 2:
            box = (x - side / 2 + index * side / 2, y, x + side / 2 + index * side / 2, y + side)
            start = -90
        else:
            box = (x, y - side / 2 + index * side / 2, x + side, y + side / 2 + index * side / 2)
            start = 0
        drawing.pen.pieslice(drawing.box(*box), start, start + 180, fill=colors[index])


def _stripes(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    x, y, side = square
    for index in range(0, 6, 2):
        near, far = index * side / 6, (index + 1) * side / 6
        bar = (x + near, y, x + far, y + side) if turn % 2 else (x, y + near, x + side, y + far)
        drawing.pen.rectangle(drawing.box(*bar), fill=colors[0])


def _triangle(drawing: Drawing, square: Square, colors: tuple[Color, ...], turn: int) -> None:
    x, y, side = square
    corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    drawing.polygon([corner for index, corner in enumerate(corners) if index != turn], colors[0])


def _plain(drawing: Drawing, square: Square, colors: tuple[Color, ...], _turn: int) -> None:
    x, y, side = square
    drawing.circle(x + side / 2, y + side / 2, side * 0.14, colors[0])


def _pie(drawing: Drawing, square: Square, turn: int, share: float, color: Color) -> None:
    """A quarter disc about corner `turn` (clockwise from the upper left)."""
    x, y, side = square
    corner = ((x, y), (x + side, y), (x + side, y + side), (x, y + side))[turn]
    reach = side * share
    box = (corner[0] - reach, corner[1] - reach, corner[0] + reach, corner[1] + reach)
    drawing.pen.pieslice(drawing.box(*box), 90 * turn, 90 * turn + 90, fill=color)


_SHAPES: Final[tuple[Callable[..., None], ...]] = (
    _quarter, _quarters, _leaf, _disc, _halves, _stripes, _triangle, _plain,
)  # fmt: skip
_CHANCES: Final = (0.20, 0.20, 0.13, 0.13, 0.14, 0.07, 0.09, 0.04)
