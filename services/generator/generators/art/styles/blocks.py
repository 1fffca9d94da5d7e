"""Blocks: towers on an isometric grid, as high as a hidden landscape, lit from the left."""

import numpy as np

from services.generator.generators.art.frame import Drawing, Frame, rgb
from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp

_TALLEST = 0.42
_SIDES = (-0.13, -0.27)  # how much darker the left and the right wall are than the roof


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 31)
    frame = Frame(width, height)
    drawing = Drawing(frame, oklab(palette.ramp[0]))
    half = 0.082 - 0.050 * detail
    field, hues = tile(random, 6, 1.7), tile(random, 4, 1.7)
    colors = ramp(palette.ramp)
    rows = int((frame.down + _TALLEST) / (half * 0.5)) + 4
    columns = int(frame.across / (2 * half)) + 3
    for row in range(rows):
        y = row * half * 0.5 - half
        x = (np.arange(columns) - 1 + 0.5 * (row % 2)) * 2 * half
        place = (x * 0.2).astype(np.float32), np.full(columns, y * 0.4, dtype=np.float32)
        slow = np.tanh(sampled(field, *place) * 0.62) * 0.5 + 0.5
        tall = 0.88 * slow + random.uniform(0, 0.22, columns)
        shade = np.clip(0.24 + 0.72 * tall + sampled(hues, *place) * 0.07, 0.04, 1)
        for left, high, tone in zip(
            x.tolist(), (tall * _TALLEST).tolist(), shade.tolist(), strict=True
        ):
            _tower(drawing, (left, y, half), high, colors[int(tone * (len(colors) - 1))])
    return drawing.picture()


def _tower(drawing: Drawing, foot: tuple[float, float, float], high: float, color: Floats) -> None:
    """`foot` is the middle of the ground plate and half its width; the roof is `high` above."""
    x, y, half = foot
    roof, quarter = y - high, half * 0.5
    west, east = (x - half, roof), (x + half, roof)
    north, south = (x, roof - quarter), (x, roof + quarter)
    depth = high + _TALLEST
    left, right = (rgb(color + np.array([darker, 0, 0], dtype=np.float32)) for darker in _SIDES)
    drawing.polygon([west, south, (x, roof + quarter + depth), (x - half, roof + depth)], left)
    drawing.polygon([south, east, (x + half, roof + depth), (x, roof + quarter + depth)], right)
    drawing.polygon([west, north, east, south], rgb(color))
