"""Lettering over a moving picture: colour and mask, laid at any height and strength."""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from services.generator.generators.pixels import Floats
from services.generator.generators.video.planes import Planes, components, halved, mask


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture with an alpha mask, at `x` and `y` of the frame (even numbers) when at rest."""

    color: Planes
    alpha: Image.Image
    half_alpha: Image.Image
    x: int
    y: int

    def laid(self, frame: Planes, opacity: float = 1, lower: float = 0) -> None:
        """Draw it on `frame`, `lower` pixels below its place; fractions of a pixel count."""
        if opacity <= 0:
            return
        whole = 2 * math.floor(lower / 2)
        self._paste(frame.luma, self.color.luma, self.alpha, opacity, (1, whole, lower - whole))
        place = (2, whole, lower - whole)
        self._paste(frame.blue, self.color.blue, self.half_alpha, opacity, place)
        self._paste(frame.red, self.color.red, self.half_alpha, opacity, place)

    def _paste(
        self,
        plane: Image.Image,
        color: Image.Image,
        alpha: Image.Image,
        opacity: float,
        place: tuple[int, int, float],
    ) -> None:
        reduction, whole, rest = place
        shown = alpha if rest == 0 else _lowered(alpha, rest / reduction)
        if opacity < 1:
            shown = shown.point([round(level * opacity) for level in range(256)])
        ink = color if rest == 0 else _lowered(color, rest / reduction)
        plane.paste(ink, (self.x // reduction, (self.y + whole) // reduction), shown)


def overlay(rgba: Floats, x: int, y: int) -> Overlay:
    """`rgba` (height, width, 4) in 0-255, straight alpha, with a clear row at the foot."""
    rgba = _even(rgba)
    share = rgba[..., 3] / np.float32(255)
    weight = share + np.float32(1e-6)
    mean = (rgba[..., :3] * weight[..., None]).sum(axis=(0, 1)) / weight.sum()
    rgb = np.where(share[..., None] > 0, rgba[..., :3], mean.astype(np.float32))
    luma, *chroma = components(rgb)
    reduced = halved(weight)
    blue, red = (mask(halved(part * weight) / reduced) for part in chroma)
    color = Planes(mask(luma), blue, red)
    return Overlay(color, mask(rgba[..., 3]), mask(halved(rgba[..., 3])), _to_even(x), _to_even(y))


def _lowered(plane: Image.Image, pixels: float) -> Image.Image:
    return plane.transform(
        plane.size, Image.Transform.AFFINE, (1, 0, 0, 0, 1, -pixels), Image.Resampling.BILINEAR
    )


def _even(rgba: Floats) -> Floats:
    """With two clear rows more, for what is lowered by less than two, and even sides."""
    height, width = rgba.shape[:2]
    return np.pad(rgba, ((0, 2 + height % 2), (0, width % 2), (0, 0)))


def _to_even(value: int) -> int:
    return value - value % 2
