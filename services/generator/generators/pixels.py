"""Colour and pixels for the generators that paint: OKLab mixing, film grain, one way to write.

Blending happens in OKLab (Ottosson 2020, "A perceptual color space for image processing"), where
the way between two colours stays clean; grain is added before rounding to eight bits, so that long
gradients do not band. Used by card and art; knows neither.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Floats = NDArray[np.float32]

Format = Literal["png", "jpeg", "webp"]

_STEPS: Final = 4096
_AT_ONCE: Final = 1 << 18
_WRITTEN: Final[dict[Format, dict[str, Any]]] = {
    "png": {"format": "PNG", "compress_level": 4},
    "jpeg": {"format": "JPEG", "quality": 90, "subsampling": 0, "optimize": True},
    "webp": {"format": "WEBP", "quality": 96, "method": 3},  # less of it smooths grain away: bands,
}


def generator_for(seed: int, *salts: int) -> np.random.Generator:
    """A stream of random numbers for one purpose: the same seed and salts give the same stream."""
    return np.random.Generator(np.random.PCG64([seed, *salts]))


def oklab(color: str) -> Floats:
    """`#rrggbb` as (L, a, b)."""
    encoded = np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    r, g, b = (float(channel) for channel in linear)
    l = np.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)  # noqa: E741
    m = np.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s = np.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lab = (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )
    return np.array(lab, dtype=np.float32)


@cache
def _gamma_table() -> Floats:
    linear = np.linspace(0, 1, _STEPS)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (encoded * 255).astype(np.float32)


def srgb(lab: Floats) -> Floats:
    """OKLab (…, 3) as sRGB in 0-255, clipped to the gamut, not yet rounded."""
    if lab.size <= _AT_ONCE:
        return _srgb(lab)
    encoded = np.empty(lab.shape, dtype=np.float32)
    for rows in bands(lab):
        encoded[rows] = _srgb(lab[rows])
    return encoded


def bands(picture: Floats) -> Iterator[slice]:
    """Its rows, some at a time: what is in hand stays in the cache, and memory stays small."""
    many = max(1, _AT_ONCE * len(picture) // picture.size)
    return (slice(top, top + many) for top in range(0, len(picture), many))


def _srgb(lab: Floats) -> Floats:
    lightness, a, b = lab[..., 0], lab[..., 1], lab[..., 2]
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        (
            4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
        ),
        axis=-1,
    )
    place = np.clip(linear, 0, 1) * (_STEPS - 1)
    low = place.astype(np.int32)
    np.minimum(low, _STEPS - 2, out=low)
    table = _gamma_table()
    bottom = table[low]
    return np.asarray(bottom + (table[low + 1] - bottom) * (place - low), dtype=np.float32)


def ramp(colors: tuple[str, ...], steps: int = 1024) -> Floats:
    """`colors` spread evenly over `steps` rows of OKLab, joined by a smooth (Catmull-Rom) curve."""
    knots = np.stack([oklab(color) for color in colors])
    knots = np.concatenate((2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]))
    place = np.linspace(0, len(colors) - 1, steps, dtype=np.float32)
    index = np.minimum(place.astype(np.int32), len(colors) - 2)
    t = (place - index)[:, None]
    p0, p1, p2, p3 = (knots[index + offset] for offset in range(4))
    curve = 2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
    return np.asarray((curve + (3 * p1 - p0 - 3 * p2 + p3) * t**3) / 2, dtype=np.float32)


def grain(height: int, width: int, random: np.random.Generator, strength: float) -> Floats:
    """Film grain (height, width, 1) around zero: `strength` is its spread in eight-bit steps."""
    noise = random.standard_normal((height, width, 1), dtype=np.float32)
    return noise * np.float32(strength)


def resized(field: Floats, height: int, width: int) -> Floats:
    """A smooth field (h, w) or (h, w, c) stretched to the given size, bicubic."""
    planes = field[..., None] if field.ndim == 2 else field
    stretched = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(planes[..., c])).resize(
                (width, height), Image.Resampling.BICUBIC
            )
        )
        for c in range(planes.shape[-1])
    ]
    return stretched[0] if field.ndim == 2 else np.stack(stretched, axis=-1)


def write_png(path: Path, rgb: Floats) -> None:
    """`write` as PNG."""
    write(path, rgb, "png")


def write(path: Path, rgb: Floats, format: Format) -> Image.Image:
    """Round `rgb` (0-255) to eight bits and write it; the same pixels give the same bytes.

    Answers what was written.
    """
    picture = Image.fromarray(rounded(rgb))
    picture.save(path, **_WRITTEN[format])
    return picture


def rounded(rgb: Floats) -> NDArray[np.uint8]:
    """`rgb` (0-255) in eight bits."""
    pixels = np.empty(rgb.shape, dtype=np.uint8)
    for rows in bands(rgb):
        pixels[rows] = np.clip(rgb[rows] + np.float32(0.5), 0, 255)
    return pixels
