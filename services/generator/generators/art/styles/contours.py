"""Contours: a map of hills that do not exist, one line a height, every fifth one stronger."""

import numpy as np

from services.generator.generators.art.frame import Frame
from services.generator.generators.art.noise import evened, sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, resized, srgb

_COARSE = 2
_THIN, _STRONG = 0.0011, 0.0021  # half widths in units


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 21)
    frame = Frame(width, height)
    heights = _relief(frame.reduced(_COARSE), detail, random)
    relief = np.clip(resized(heights, height, width), 0, 1)
    lines = np.float32(30 + 34 * detail)
    level = relief * lines + np.float32(0.5)  # flat tops are between two lines
    down, across = np.gradient(level)
    slope = np.hypot(down, across) * np.float32(frame.unit) + np.float32(1e-3)  # levels a unit
    ink = np.maximum(
        _line(level, slope, _THIN, frame) * np.float32(0.62),
        _line(level / np.float32(5), slope / np.float32(5), _STRONG, frame),
    )
    return _inked(palette, relief, ink, random)


def _relief(frame: Frame, detail: float, random: np.random.Generator) -> Floats:
    """Heights, spread evenly over 0 to 1."""
    x, y = frame.places()
    view = np.float32(0.30 + 0.24 * detail)
    left, top = random.random(2).astype(np.float32)
    broad, fine = tile(random, 7, 2.3), tile(random, 14, 2.0)
    x, y = np.broadcast_arrays(x * view + left, y * view + top)
    bend = np.float32(0.03) * sampled(fine, x + np.float32(0.4), y)
    return evened(sampled(broad, x + bend, y - bend))


def _line(level: Floats, slope: Floats, half: float, frame: Frame) -> Floats:
    """How much of each pixel the lines at whole levels cover: 0 to 1."""
    distance = np.abs(level - np.round(level)) / slope * np.float32(frame.unit)
    return np.clip(np.float32(half * frame.unit + 0.5) - distance, 0, 1)


def _inked(palette: Palette, relief: Floats, ink: Floats, random: np.random.Generator) -> Floats:
    """Lines in the palette's colours by height, on its ground, tinted a little by height."""
    ground = oklab(palette.ground)
    colors = ramp(palette.ribbons if random.random() < 0.5 else palette.ribbons[::-1])
    away = np.abs(colors[:, 0] - ground[0])
    sign = 1 if ground[0] < 0.5 else -1
    colors[:, 0] += np.where(away < 0.25, sign * (0.25 - away), 0)
    place = (relief * (len(colors) - 1)).astype(np.int32)
    tints = srgb(ground + (colors - ground) * np.float32(0.10))
    base = tints[place]
    return np.asarray(base + (srgb(colors)[place] - base) * ink[..., None], dtype=np.float32)
