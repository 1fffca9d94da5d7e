"""How a picture is measured: in units of which every shape of one size has as many.

A painter that thinks in units makes the same composition at any number of pixels, so that a
thumbnail shows what a print will be.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from services.generator.generators.pixels import Floats, srgb

_MOST_CANVAS_PIXELS = 36_000_000


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of `columns` x `rows` pixels; `unit` pixels are the short side of one in 16:9."""

    columns: int
    rows: int

    @property
    def unit(self) -> float:
        return 0.75 * math.sqrt(self.columns * self.rows)

    @property
    def across(self) -> float:
        """The width in units."""
        return self.columns / self.unit

    @property
    def down(self) -> float:
        """The height in units."""
        return self.rows / self.unit

    def reduced(self, times: int) -> "Frame":
        """What is smooth is painted small and stretched."""
        return Frame(-(-self.columns // times), -(-self.rows // times))

    def places(self) -> tuple[Floats, Floats]:
        """The middle of each pixel in units, as (1, columns) and (rows, 1)."""
        x = (np.arange(self.columns, dtype=np.float32) + np.float32(0.5)) / np.float32(self.unit)
        y = (np.arange(self.rows, dtype=np.float32) + np.float32(0.5)) / np.float32(self.unit)
        return x[None, :], y[:, None]


class Drawing:
    """A canvas several times finer than the picture, for shapes with clean edges."""

    def __init__(self, frame: Frame, ground: Floats) -> None:
        pixels = frame.columns * frame.rows
        self._fineness = next(
            n for n in (4, 3, 2) if n == 2 or pixels * n * n <= _MOST_CANVAS_PIXELS
        )
        size = (frame.columns * self._fineness, frame.rows * self._fineness)
        self._canvas = Image.new("RGB", size, rgb(ground))
        self.scale = self._fineness * frame.unit
        self.pen = ImageDraw.Draw(self._canvas)

    def circle(self, x: float, y: float, radius: float, fill: tuple[int, ...]) -> None:
        """In units."""
        if radius * self.scale >= 0.5:
            self.pen.ellipse(self.box(x - radius, y - radius, x + radius, y + radius), fill=fill)

    def polygon(self, points: list[tuple[float, float]], fill: tuple[int, ...]) -> None:
        """In units."""
        self.pen.polygon([(x * self.scale, y * self.scale) for x, y in points], fill=fill)

    def box(self, *sides: float) -> tuple[float, ...]:
        """Left, top, right, bottom in units, as the pen wants them."""
        return tuple(side * self.scale for side in sides)

    def picture(self) -> Floats:
        return np.asarray(self._canvas.reduce(self._fineness), dtype=np.float32)


def rgb(lab: Floats) -> tuple[int, ...]:
    """One OKLab colour as eight-bit sRGB, for a pen."""
    return tuple(round(float(channel)) for channel in srgb(lab[None, :])[0])


def step(field: Floats, softness: Floats | float) -> Floats:
    """0 where `field` is below, 1 where it is above zero, smooth over `softness` on either side."""
    t = np.clip(field / np.float32(2) / softness + np.float32(0.5), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float32)
