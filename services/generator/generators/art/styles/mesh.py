"""Mesh gradient: a handful of colours that melt into each other along bent edges."""

import math

import numpy as np

from services.generator.generators.art.noise import rippled
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, ramp, resized, srgb

_COARSE = 3
_REACH = 0.21

Point = tuple[float, float]


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 12)
    rows, columns = -(-height // _COARSE), -(-width // _COARSE)
    unit = 0.75 * math.sqrt(rows * columns)
    x, y = np.meshgrid(
        np.arange(columns, dtype=np.float32) / np.float32(unit),
        np.arange(rows, dtype=np.float32) / np.float32(unit),
    )
    points = _spread(round(10 + 10 * detail), (columns / unit, rows / unit), random)
    shades = _shades(palette, points, random)
    x, y, fold = rippled(x, y, 0.20 + 0.16 * detail, random)
    lab = _melted(points, shades, x, y, _REACH * (1.2 - 0.4 * detail))
    lab[..., 0] += np.float32(0.03) * fold
    return resized(srgb(lab), height, width)


def _melted(points: list[Point], shades: Floats, x: Floats, y: Floats, reach: float) -> Floats:
    total = np.zeros((*x.shape, 1), dtype=np.float32)
    lab = np.zeros((*x.shape, 3), dtype=np.float32)
    for (px, py), shade in zip(points, shades, strict=True):
        distance = (x - np.float32(px)) ** 2 + (y - np.float32(py)) ** 2
        near = np.exp(-distance / np.float32(2 * reach**2))
        weight = (near + np.float32(1e-4) / (np.float32(0.01) + distance))[..., None]
        total += weight
        lab += weight * shade
    return np.asarray(lab / total, dtype=np.float32)


def _shades(palette: Palette, points: list[Point], random: np.random.Generator) -> Floats:
    """A colour a point: neighbours get neighbouring ones, so that nothing melts into mud."""
    angle = random.uniform(0, 2 * np.pi)
    way = np.array([np.cos(angle), np.sin(angle)])
    along = np.array(points) @ way
    order = np.argsort(np.argsort(along + random.normal(0, 0.16, len(points)) * np.ptp(along)))
    colors = ramp(palette.ramp)
    return colors[(order / max(1, len(points) - 1) * (len(colors) - 1)).astype(np.int32)]


def _spread(count: int, extent: Point, random: np.random.Generator) -> list[Point]:
    """Points that keep their distance: each is the farthest of a few candidates."""
    points: list[Point] = []
    for _ in range(count):
        candidates = (random.uniform(-0.05, 1.05, (14, 2)) * extent).tolist()
        best = max(
            candidates,
            key=lambda c: min(((c[0] - p[0]) ** 2 + (c[1] - p[1]) ** 2 for p in points), default=1),
        )
        points.append((best[0], best[1]))
    return points
