"""The sheet on which flow lays its ribbons: the directions they follow, the ground they took.

Everything is in steps of which `UNIT` are a unit of the frame, so that a picture costs the same to
trace, and looks the same, at any number of pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.ribbons import Ribbon, Vertex
from services.generator.generators.pixels import Floats

UNIT: Final = 900
_CELL: Final = 2
_FRONT: Final = ((1, 0), (0.71, 0.71), (0.71, -0.71), (0, 1), (0, -1))  # along, across
_AROUND: Final = (*_FRONT, (-1, 0), (-0.71, 0.71), (-0.71, -0.71))


@dataclass(frozen=True, slots=True)
class Layer:
    """Ribbons of one width: how long at most, how many are tried, the gap they keep."""

    width: float
    length: float
    tries: int
    gap: float


class Sheet:
    """Free ground that fills with ribbons."""

    def __init__(
        self, width: float, height: float, margin: float, random: np.random.Generator
    ) -> None:
        self.width, self.height, self.margin = width, height, margin
        self._random = random
        columns, rows = int(width / _CELL) + 1, int(height / _CELL) + 1
        unit = np.float32(_CELL / UNIT)
        x, y = np.meshgrid(
            np.arange(columns, dtype=np.float32) * unit, np.arange(rows, dtype=np.float32) * unit
        )
        angle = _directions(x, y, random)
        self._cosines, self._sines = np.cos(angle).tolist(), np.sin(angle).tolist()
        self._hues = sampled(tile(random, 4, 1.6), x * np.float32(0.2), y * np.float32(0.2))
        self._taken = Image.new("L", (columns, rows))
        self._mask = ImageDraw.Draw(self._taken)

    def hue(self, place: Vertex) -> float:
        """A slow number, spread 1 around 0, by which neighbours are alike in colour."""
        return float(self._hues[int(place[1] / _CELL), int(place[0] / _CELL)])

    def lay(self, layer: Layer) -> Iterator[Ribbon]:
        """Ribbons of one layer, each on ground that was free."""
        size = (self.width, self.height)
        starts = self._random.uniform((0, 0), size, (layer.tries, 2)).tolist()
        shares = self._random.uniform(0.3, 1, layer.tries).tolist()
        for (x, y), share in zip(starts, shares, strict=True):
            if not self._free(x, y, self.margin):
                continue
            ribbon = self._traced((x, y), layer, layer.length * share)
            if ribbon is not None:
                ribbon.draw(self._mask, 1 / _CELL, 1)
                yield ribbon

    def _traced(self, start: Vertex, layer: Layer, length: float) -> Ribbon | None:
        """The ribbon from `start` to where it meets another, the margin, or its length."""
        step = max(3.0, layer.width * 0.3)
        reach = layer.width / 2 + layer.gap
        x, y = start
        points: list[Vertex] = []
        headings: list[Vertex] = []
        for _ in range(int(length / step)):
            if not self._free(x, y, self.margin + reach):
                break
            u, v = self._heading(x, y)
            if not all(
                self._free(x + (a * u - b * v) * reach, y + (a * v + b * u) * reach, 0)
                for a, b in (_FRONT if points else _AROUND)
            ):
                break
            points.append((x, y))
            headings.append((u, v))
            x, y = x + u * step, y + v * step
        long_enough = len(points) * step >= max(12.0, layer.width * 1.6)
        return Ribbon(points, headings, layer.width) if long_enough else None

    def _heading(self, x: float, y: float) -> Vertex:
        row, column = int(y / _CELL), int(x / _CELL)
        return self._cosines[row][column], self._sines[row][column]

    def _free(self, x: float, y: float, margin: float) -> bool:
        inside = margin <= x < self.width - margin and margin <= y < self.height - margin
        return inside and not self._taken.getpixel((int(x / _CELL), int(y / _CELL)))


def _directions(x: Floats, y: Floats, random: np.random.Generator) -> Floats:
    """The angle at each place: one main direction, bent slowly."""
    field = tile(random, 3, 2.4)
    left, top = random.random(2).astype(np.float32)
    bend = sampled(field, x * np.float32(0.2) + left, y * np.float32(0.2) + top)
    return np.asarray(random.uniform(0, 2 * np.pi) + bend * 1.2, dtype=np.float32)
