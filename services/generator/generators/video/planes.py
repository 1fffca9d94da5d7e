"""Frames as encoders take them: three planes of Y'CbCr 4:2:0 (BT.709, 8 bits, video range).

Everything that happens once a frame happens on these planes: half the bytes of RGB, and nothing is
left to convert. A plane is a Pillow image of mode L, for its resampling places a picture at
fractions of a pixel, which is what keeps slow moves from trembling.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Image import Resampling

from services.generator.generators.pixels import Floats

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels of a picture."""
Size = tuple[int, int]
"""Width and height in pixels; even numbers."""
Bytes = NDArray[np.uint8]

_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722  # Rec. ITU-R BT.709-6, 3.2
_BLUE_SCALE: Final = 224 / 255 / 1.8556
_RED_SCALE: Final = 224 / 255 / 1.5748
DARKEST: Final = 16
BRIGHTEST: Final = 235


@dataclass(frozen=True, slots=True)
class Planes:
    """One picture: `luma` at its full size, `blue` and `red` (Cb, Cr) at half of it."""

    luma: Image.Image
    blue: Image.Image
    red: Image.Image

    @property
    def size(self) -> Size:
        return self.luma.size

    def each(self, change: Callable[[Image.Image, int], Image.Image]) -> "Planes":
        """The picture with every plane changed; `change` is told by how much a plane is reduced."""
        return Planes(change(self.luma, 1), change(self.blue, 2), change(self.red, 2))

    def view(self, box: Box, size: Size, filter: Resampling = Resampling.BICUBIC) -> "Planes":
        """What is seen through `box`, at `size`; a new picture."""

        def resampled(plane: Image.Image, reduction: int) -> Image.Image:
            left, top, right, bottom = (edge / reduction for edge in box)
            target = (size[0] // reduction, size[1] // reduction)
            return plane.resize(target, filter, (left, top, right, bottom))

        return self.each(resampled)

    def joined(self) -> Bytes:
        """All bytes, plane after plane, as rows of the full width."""
        planes = (self.luma, self.blue, self.red)
        flat = np.concatenate([np.asarray(plane).ravel() for plane in planes])
        return flat.reshape(-1, self.luma.width)


def from_rgb(rgb: Floats, random: np.random.Generator | None = None) -> Planes:
    """A picture (height, width, 3) of sRGB in 0-255; with `random` it is dithered, not rounded."""
    parts = components(rgb)
    if random is not None:
        noise = random.random(rgb.shape[:2], dtype=np.float32) - np.float32(0.5)
        parts = (parts[0] + noise, parts[1], parts[2])
    return Planes(mask(parts[0]), mask(halved(parts[1])), mask(halved(parts[2])))


def components(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Y', Cb and Cr of sRGB in 0-255, each in video range and at full size, not yet rounded."""
    red, green, blue = (rgb[..., channel] for channel in range(3))
    y = red * np.float32(_RED) + green * np.float32(_GREEN) + blue * np.float32(_BLUE)
    luma = y * np.float32(219 / 255) + np.float32(DARKEST)
    cb = (blue - y) * np.float32(_BLUE_SCALE) + np.float32(128)
    cr = (red - y) * np.float32(_RED_SCALE) + np.float32(128)
    return luma, cb, cr


def halved(field: Floats) -> Floats:
    """A field at half its size: the mean of each four."""
    upper, lower = field[0::2], field[1::2]
    return np.asarray(
        (upper[:, 0::2] + upper[:, 1::2] + lower[:, 0::2] + lower[:, 1::2]) / 4, dtype=np.float32
    )


def mask(field: Floats) -> Image.Image:
    """A field of 0-255, rounded to eight bits."""
    return Image.fromarray(np.clip(field + np.float32(0.5), 0, 255).astype(np.uint8))


def blended(before: Planes, after: Planes, share: float) -> Planes:
    """`share` (0-1) of the second picture over the first."""
    pairs = zip(_all(before), _all(after), strict=True)
    return Planes(*(Image.blend(one, other, share) for one, other in pairs))


def composed(before: Planes, after: Planes, where: Image.Image) -> Planes:
    """The second picture where the mask is 255, the first where it is 0."""
    half = where.reduce(2)
    masks = (where, half, half)
    parts = zip(_all(before), _all(after), masks, strict=True)
    return Planes(*(Image.composite(other, one, mask) for one, other, mask in parts))


def beside(left: Planes, right: Planes, *, vertical: bool = False) -> Planes:
    """Two pictures of one size as one: side by side, or the first above the second."""

    def joined(one: Image.Image, other: Image.Image) -> Image.Image:
        stacked = np.concatenate((np.asarray(one), np.asarray(other)), axis=0 if vertical else 1)
        return Image.fromarray(stacked)

    return Planes(*(joined(*pair) for pair in zip(_all(left), _all(right), strict=True)))


def _all(picture: Planes) -> tuple[Image.Image, Image.Image, Image.Image]:
    return picture.luma, picture.blue, picture.red
