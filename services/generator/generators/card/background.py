"""What lies behind the lettering: a gradient, soft lights and a pattern, or a picture.

Everything here is smooth, so it is mixed at a quarter of the size and stretched; only patterns and
grain have one value a pixel.
"""

import numpy as np

from services.generator.generators.card.looks import Blob, Theme
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, resized, srgb

_REDUCTION = 4
_PITCH = 36  # of a pattern, in pixels of a 1200 x 630 card


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
    picture = resized(srgb(lab), height, width)
    return picture if theme.pattern == "plain" else _patterned(picture, theme)


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


def _patterned(picture: Floats, theme: Theme) -> Floats:
    """The theme's pattern over `picture`, as large as the card is."""
    height, width = picture.shape[:2]
    scale = max(0.5, (width * height / (1200 * 630)) ** 0.5)
    cover = _PATTERNS[theme.pattern](height, width, scale) * np.float32(theme.pattern_strength)
    ink = srgb(oklab(theme.pattern_color))
    return np.asarray(picture + (ink - picture) * cover[..., None], dtype=np.float32)


def _grid(height: int, width: int, scale: float) -> Floats:
    """Squares, every fourth line twice as strong."""
    down, across = (_lines(count, scale) for count in (height, width))
    return np.maximum(down[:, None], across[None, :])


def _lines(count: int, scale: float) -> Floats:
    place = (np.arange(count, dtype=np.float32) + np.float32(0.5)) / np.float32(_PITCH * scale)
    thin, strong = (
        np.clip(
            0.5 + 0.7 * scale - np.abs(place / n - np.round(place / n)) * n * _PITCH * scale, 0, 1
        )
        for n in (1, 4)
    )
    return np.asarray(np.maximum(thin * 0.5, strong), dtype=np.float32)


def _dots(height: int, width: int, scale: float) -> Floats:
    pitch = _PITCH * 0.66 * scale
    y, x = (np.arange(count, dtype=np.float32) / np.float32(pitch) for count in (height, width))
    dy, dx = (np.abs(part - np.floor(part) - 0.5) * pitch for part in (y, x))
    away = np.hypot(dy[:, None], dx[None, :])
    return np.asarray(np.clip(1.6 * scale + 0.5 - away, 0, 1), dtype=np.float32)


def _scanlines(height: int, width: int, scale: float) -> Floats:
    wave = np.sin(np.arange(height, dtype=np.float32) * np.float32(2 * np.pi / (4 * scale)))
    return np.repeat((wave * 0.5 + 0.5).astype(np.float32)[:, None], width, axis=1)


_PATTERNS = {"grid": _grid, "dots": _dots, "scanlines": _scanlines}
