"""Papercut: sheets of coloured paper with holes cut into them, one above the other.

Each sheet is where a smooth field is above a level; its shadow is the same field, looked up a
little to the upper left and softened.
"""

import numpy as np

from services.generator.generators.art.frame import Frame, step
from services.generator.generators.art.noise import evened, sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, ramp, resized, srgb

_COARSE = 2
_BAND = 64  # rows at once: what is in hand stays in the cache
_OFFSET = 0.012  # how far a shadow falls, in units
_DARKNESS = 0.42


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 22)
    frame = Frame(width, height)
    relief = resized(_relief(frame.reduced(_COARSE), detail, random), height, width)
    down, across = np.gradient(relief)
    slope = np.hypot(down, across) + np.float32(1e-5)  # a pixel
    shift = max(1, round(_OFFSET * frame.unit))
    lit = np.roll(relief, (shift, shift), (0, 1))
    lit[:shift], lit[:, :shift] = relief[:shift], relief[:, :shift]
    sheets = 6 + round(5 * detail)
    colors = srgb(ramp(palette.ramp if random.random() < 0.6 else palette.ramp[::-1], sheets + 1))
    softness = slope * np.float32(1.5 * shift)
    picture = np.empty((height, width, 3), dtype=np.float32)
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        _pile(picture[rows], colors, (relief[rows], lit[rows]), (slope[rows], softness[rows]))
    return picture


def _pile(
    picture: Floats, colors: Floats, fields: tuple[Floats, Floats], soft: tuple[Floats, Floats]
) -> None:
    """Sheet upon sheet, each with its shadow on those below."""
    picture[:] = colors[0]
    for sheet in range(1, len(colors)):
        level = np.float32(sheet / len(colors))
        shadow = step(fields[1] - level, soft[1]) * np.float32(_DARKNESS)
        picture *= (1 - shadow)[..., None]
        over = np.clip((fields[0] - level) / soft[0] + np.float32(0.5), 0, 1)[..., None]
        picture += (colors[sheet] - picture) * over


def _relief(frame: Frame, detail: float, random: np.random.Generator) -> Floats:
    x, y = frame.places()
    view = np.float32(0.22 + 0.22 * detail)
    left, top = random.random(2).astype(np.float32)
    x, y = np.broadcast_arrays(x * view + left, y * view + top)
    return evened(sampled(tile(random, 8, 2.2), x, y))
