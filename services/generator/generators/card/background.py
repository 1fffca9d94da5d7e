"""What lies behind the lettering: a gradient, soft lights and fine grain.

Everything here is smooth, so it is mixed at a quarter of the size and stretched; only the grain has
one value a pixel.
"""

import numpy as np

from services.generator.generators.card.themes import Blob, Theme
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, resized, srgb

_REDUCTION = 4


def paint(theme: Theme, width: int, height: int, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255. The seed moves the lights a little."""
    rows, columns = -(-height // _REDUCTION), -(-width // _REDUCTION)
    y, x = np.meshgrid(_centres(rows), _centres(columns), indexing="ij")
    slope = ramp(theme.ground)
    lab = slope[((x * 0.55 + y * 0.45) * (len(slope) - 1)).astype(np.int32)]
    random = generator_for(seed, 1)
    aspect = (width / (width * height) ** 0.5, height / (width * height) ** 0.5)
    for blob in theme.blobs:
        lab = _lit(lab, blob, (x, y), aspect, random)
    return resized(srgb(lab), height, width)


def _centres(count: int) -> Floats:
    return ((np.arange(count) + 0.5) / count).astype(np.float32)


def _lit(
    lab: Floats,
    blob: Blob,
    place: tuple[Floats, Floats],
    aspect: tuple[float, float],
    random: np.random.Generator,
) -> Floats:
    dx, dy, stretch = random.uniform(-1, 1, 3)
    across = (place[0] - np.float32(blob.x + 0.07 * dx)) * np.float32(
        aspect[0] * (1 - 0.12 * stretch)
    )
    down = (place[1] - np.float32(blob.y + 0.07 * dy)) * np.float32(
        aspect[1] * (1 + 0.12 * stretch)
    )
    reach = (across**2 + down**2) / np.float32(blob.radius**2)
    weight = np.exp(-2.2 * reach)[..., None] * np.float32(blob.strength)
    return np.asarray(lab + (oklab(blob.color) - lab) * weight, dtype=np.float32)
