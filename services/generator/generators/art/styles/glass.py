"""Glass: a leaded window; each pane lit from one side, the lead between them of one width.

The panes are the Voronoi cells of points jittered in a grid, so that a pixel looks at the few
points around it only. Distance to the border after Inigo Quilez, "Voronoi borders" (2012).
"""

import numpy as np

from services.generator.generators.art.frame import Frame
from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, srgb

_LEAD = 0.0042  # half the width of the lead, in units
_REACH = (0, -1, 1, -2, 2)
_BAND = 128  # rows at once: what is in hand stays in the cache


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 25)
    frame = Frame(width, height)
    cell = 0.20 - 0.12 * detail
    points = _points(frame, cell, random)
    shades, tilts = _panes(palette, points, random)
    x, y = frame.places()
    picture = np.empty((height, width, 3), dtype=np.float32)
    lead = srgb(oklab(palette.ramp[0]) * np.float32(0.55))
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        nearest, border, offset = _cells(points, x, y[rows], cell)
        lean = (offset * tilts[nearest]).sum(axis=-1) / np.float32(cell)
        lab = shades[nearest]
        lab[..., 0] += np.float32(0.10) * lean - np.float32(0.10) * np.exp(
            -border / np.float32(0.012)
        )
        glass = srgb(lab)
        cover = np.clip(
            (np.float32(_LEAD) - border) * np.float32(frame.unit) + np.float32(0.5), 0, 1
        )
        picture[rows] = glass + (lead - glass) * cover[..., None]
    return picture


def _points(frame: Frame, cell: float, random: np.random.Generator) -> Floats:
    """(rows, columns, 2) in units: one a square of the grid, with two squares beyond each edge."""
    columns, rows = int(frame.across / cell) + 6, int(frame.down / cell) + 6
    x, y = np.meshgrid(np.arange(columns) - 2.0, np.arange(rows) - 2.0)
    jitter = random.uniform(0.08, 0.92, (rows, columns, 2))
    return ((np.stack((x, y), axis=-1) + jitter) * cell).astype(np.float32)


def _panes(palette: Palette, points: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """A colour and a direction of light a point; neighbours are alike, now and then one is not."""
    field = sampled(
        tile(random, 4, 1.6), points[..., 0] * np.float32(0.3), points[..., 1] * np.float32(0.3)
    )
    place = field.ravel() * 0.26 + 0.55 + random.normal(0, 0.10, field.size)
    stray = random.random(field.size) < 0.12
    place = np.where(stray, random.random(field.size), place)
    colors = ramp(palette.ramp)
    shades = colors[(np.clip(place, 0.12, 1) * (len(colors) - 1)).astype(np.int32)]
    shades[:, 0] += random.normal(0, 0.025, len(shades))
    angles = random.uniform(0, 2 * np.pi, field.size)
    return shades, np.stack((np.cos(angles), np.sin(angles)), axis=-1).astype(np.float32)


def _cells(
    points: Floats, x: Floats, y: Floats, cell: float
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.int32]], Floats, Floats]:
    """For each pixel: its point's index, the distance to the border, the way from its point."""
    columns = points.shape[1]
    column = (x / np.float32(cell)).astype(np.int32) + 2
    row = (y / np.float32(cell)).astype(np.int32) + 2
    flat = points.reshape(-1, 2)
    home = row * columns + column
    around = [dy * columns + dx for dy in _REACH for dx in _REACH if abs(dy) + abs(dx) < 4]
    best = np.full(home.shape, np.inf, dtype=np.float32)
    nearest = np.zeros(home.shape, dtype=np.int32)
    for step in around:
        index = home + step
        distance = (flat[index, 0] - x) ** 2 + (flat[index, 1] - y) ** 2
        closer = distance < best
        best = np.where(closer, distance, best)
        nearest = np.where(closer, index, nearest)
    mx, my = flat[nearest, 0], flat[nearest, 1]
    border = np.full(home.shape, np.inf, dtype=np.float32)
    for step in around:
        index = home + step
        nx, ny = flat[index, 0], flat[index, 1]
        dx, dy = nx - mx, ny - my
        length = np.hypot(dx, dy)
        gap = ((mx + nx) / 2 - x) * dx + ((my + ny) / 2 - y) * dy
        border = np.where(length > 0, np.minimum(border, gap / np.maximum(length, 1e-6)), border)
    return nearest, border, np.stack((x - mx, y - my), axis=-1)
