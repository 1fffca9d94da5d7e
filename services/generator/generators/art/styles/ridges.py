"""Ridges: line behind line, each hiding what is behind it.

After the plot of the pulsar CP 1919 (Harold Craft, 1970) that became a record sleeve.
"""

import numpy as np

from services.generator.generators.art.frame import Drawing, Frame, rgb
from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp

_POINTS_A_UNIT = 420


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 23)
    frame = Frame(width, height)
    ground = oklab(palette.ground)
    drawing = Drawing(frame, ground)
    lines = round((40 + 50 * detail) * frame.down)
    x = np.linspace(0, frame.across, int(_POINTS_A_UNIT * frame.across), dtype=np.float32)
    heights = _heights(x, lines, frame, random)
    colors = _colors(palette, ground, lines)
    gap = 0.80 * frame.down / lines
    thickness = max(1, round(min(0.0042, gap * 0.22) * drawing.scale))
    swell = 0.026 * frame.down
    left, right = 0.07 * frame.across, 0.93 * frame.across
    shown = (x >= left) & (x <= right)
    for line in range(lines):
        base = 0.16 * frame.down + gap * (line + 0.5)
        room = 0.9 * base / swell
        y = base - np.tanh(heights[line][shown] / room) * room * swell
        points = np.stack((x[shown], y), axis=1).tolist()
        floor = base + gap * 2
        drawing.polygon([*points, (right, floor), (left, floor)], rgb(ground))
        stroke = [(px * drawing.scale, py * drawing.scale) for px, py in points]
        drawing.pen.line(stroke, fill=rgb(colors[line]), width=thickness, joint="curve")
    return drawing.picture()


def _heights(x: Floats, lines: int, frame: Frame, random: np.random.Generator) -> Floats:
    """(lines, points) in gaps: mountains in the middle, ripples at their feet."""
    row = np.linspace(0, 1, lines, dtype=np.float32)[:, None]
    across, down = np.broadcast_arrays(x[None, :], row * np.float32(0.8 * frame.down))
    shift = random.random(4).astype(np.float32)
    broad, fine = tile(random, 9, 1.2), tile(random, 90, 0.9)
    slow = sampled(broad, across * np.float32(0.5) + shift[0], down * np.float32(0.35) + shift[1])
    quick = sampled(fine, across * np.float32(0.34) + shift[2], down * np.float32(2.0) + shift[3])
    middle = (x / np.float32(frame.across) - np.float32(random.uniform(0.42, 0.58))) / np.float32(
        0.19
    )
    hill = np.exp(-(middle**2)) * (np.float32(0.55) + np.float32(0.45) * np.sin(np.pi * row))
    swell = np.maximum(slow * np.float32(0.75) + np.float32(0.75), 0.04)
    height = hill * swell * (np.float32(3.6) + np.float32(2.6) * quick) + np.float32(0.14) * quick
    return np.asarray(np.maximum(height, -0.2), dtype=np.float32)


def _colors(palette: Palette, ground: Floats, lines: int) -> Floats:
    """From one end of the palette to the other, kept apart from the ground."""
    bright = ground[0] < 0.5
    shades = palette.ramp[2:] if bright else palette.ramp[:4]
    return ramp(shades if bright else shades[::-1], max(lines, 2))
