"""Domain warp: noise whose places were moved by noise, twice; folds of silk, agate, smoke.

After Inigo Quilez, "Domain warping" (2002): f(p + r(p + q(p))).
"""

import math

import numpy as np

from services.generator.generators.art.noise import evened, sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, ramp, resized, srgb

_COARSE = 2
_TONES, _SHADES = 2048, 97
_GLEAM = 0.06
_FIRST, _SECOND = np.float32(0.085), np.float32(0.135)  # how far places move, in tiles


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 11)
    rows, columns = -(-height // _COARSE), -(-width // _COARSE)
    view = 0.26 + 0.34 * detail
    x, y = _places(columns, rows, view, random)
    slow, surface = tile(random, 5, 1.6), tile(random, 14, 1.5)
    ax, ay = sampled(slow, x + 0.31, y), sampled(slow, x, y + 0.57)
    u: Floats = x + _FIRST * ax
    v: Floats = y + _FIRST * ay
    bx, by = sampled(slow, u + 0.13, v + 0.77), sampled(slow, u + 0.71, v + 0.29)
    field = sampled(surface, x + _SECOND * bx, y + _SECOND * by)
    tone = evened(field + 0.55 * bx + 0.35 * ay)
    shade = _light(field + 0.5 * by, view, _unit(columns, rows))
    return _colored(palette, resized(tone, height, width), resized(shade, height, width))


def _colored(palette: Palette, tone: Floats, shade: Floats) -> Floats:
    """Each tone (0 to 1) in its colour, lighter or darker by its shade (-1 to 1), from a table."""
    lab = np.repeat(ramp(palette.ramp, _TONES)[:, None, :], _SHADES, axis=1)
    lab[..., 0] += np.linspace(-_GLEAM, _GLEAM, _SHADES, dtype=np.float32)
    table = srgb(lab).reshape(-1, 3)
    row = (np.clip(tone, 0, 1) * (_TONES - 1)).astype(np.int32)
    column = ((np.clip(shade, -1, 1) + 1) * ((_SHADES - 1) / 2)).astype(np.int32)
    return np.asarray(np.take(table, row * _SHADES + column, axis=0), dtype=np.float32)


def _places(
    width: int, height: int, view: float, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Each pixel's place in tiles, turned by a random angle; `view` tiles are one `_unit`."""
    unit = _unit(width, height)
    across, down = np.meshgrid(
        np.arange(width, dtype=np.float32) / np.float32(unit),
        np.arange(height, dtype=np.float32) / np.float32(unit),
    )
    angle = random.uniform(0, 2 * np.pi)
    cosine, sine = np.float32(np.cos(angle) * view), np.float32(np.sin(angle) * view)
    left, top = random.random(2).astype(np.float32)
    return across * cosine - down * sine + left, across * sine + down * cosine + top


def _unit(width: int, height: int) -> float:
    """Pixels of the shorter side of a 16:9 picture as large as this one."""
    return 0.75 * math.sqrt(width * height)


def _light(relief: Floats, view: float, unit: float) -> Floats:
    """How much light from the upper left `relief` catches, -1 to 1."""
    down, across = np.gradient(relief)
    slope = (across * np.float32(0.8) + down) * np.float32(unit / view / 40)
    return np.asarray(np.tanh(slope), dtype=np.float32)
