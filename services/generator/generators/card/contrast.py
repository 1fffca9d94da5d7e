"""Text that can be read, whatever it stands on: WCAG 2.1, 1.4.3 and 1.4.11.

A ground is made dark or light enough in linear light, so that its hues stay.
"""

import dataclasses
from typing import Final

import numpy as np

from services.generator.generators.card.looks import Theme
from services.generator.generators.pixels import Floats, bands, oklab, resized, srgb

TEXT: Final = 4.5
"""The least contrast of text to what is behind it."""
_SHAPES: Final = 3.0
_MARGIN: Final = 1.06  # grain and rounding take a little
_WEIGHTS: Final = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
_COARSE: Final = 12
_DARK_INK, _LIGHT_INK = "#101014", "#ffffff"


def linear(rgb: Floats) -> Floats:
    """sRGB in 0-255 as linear light in 0-1."""
    encoded = rgb / np.float32(255)
    low = encoded / np.float32(12.92)
    high = ((encoded + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.asarray(np.where(encoded <= 0.04045, low, high), dtype=np.float32)


def encoded(light: Floats) -> Floats:
    """Linear light in 0-1 as sRGB in 0-255."""
    low = light * np.float32(12.92)
    high = np.float32(1.055) * np.maximum(light, 0) ** np.float32(1 / 2.4) - np.float32(0.055)
    return np.asarray(np.where(light <= 0.0031308, low, high) * 255, dtype=np.float32)


def luminance(color: str) -> float:
    """The relative luminance of `#rrggbb`, 0 to 1."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32)
    return float(linear(rgb) @ _WEIGHTS)


def luminances(rgb: Floats) -> Floats:
    """The relative luminance of each colour of sRGB (…, 3) in 0-255."""
    return np.asarray(linear(rgb) @ _WEIGHTS, dtype=np.float32)


def ratio(one: float, other: float) -> float:
    """The contrast of two luminances, 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def is_dark(theme: Theme) -> bool:
    return luminance(theme.title) > luminance(theme.ground[0])


def recolored(theme: Theme, accent: str) -> Theme:
    """`theme` with another accent: as light or dark as it takes to stand out, its lights tinted."""
    ground = luminance(theme.ground[len(theme.ground) // 2])
    lab = oklab(accent)
    step = np.array([0.02 if is_dark(theme) else -0.02, 0, 0], dtype=np.float32)
    for _ in range(50):
        if ratio(luminance(_hex(lab)), ground) >= _SHAPES:
            break
        lab = lab + step
    seen = _hex(lab)
    ink = max(_DARK_INK, _LIGHT_INK, key=lambda ink: ratio(luminance(ink), luminance(seen)))
    first = tuple(
        dataclasses.replace(blob, color=_tinted(blob.color, lab)) for blob in theme.blobs[:1]
    )
    return dataclasses.replace(
        theme,
        accent=seen,
        accent_text=ink,
        line=theme.line.replace(theme.accent, seen),  # some themes draw their rules in the accent
        blobs=first + theme.blobs[1:],
    )


def _tinted(color: str, toward: Floats) -> str:
    """As light as `color`, and as colourful, in the hue of `toward`."""
    own = oklab(color)
    hue = float(np.hypot(toward[1], toward[2]))
    strength = float(np.hypot(own[1], own[2])) / max(hue, 0.02)
    lab = np.array([own[0], *(toward[1:] * np.float32(min(strength, 1.6)))], dtype=np.float32)
    return _hex(lab)


def _hex(lab: Floats) -> str:
    return "#" + "".join(f"{round(float(c)):02x}" for c in np.clip(srgb(lab[None])[0], 0, 255))


def legible(rgb: Floats, theme: Theme, where: Floats) -> Floats:
    """`rgb` so dark (or light) that the theme's text can be read on it `where` that is 1.

    First as a whole around bright spots, which keeps the picture's own contrast, then each pixel.
    `where` is (height, width, 1), 0 to 1; what is there between is dimmed in part.
    """
    toward = _Dark(theme) if is_dark(theme) else _Light(theme)
    excess = np.empty(rgb.shape[:2], dtype=np.float32)
    for rows in bands(rgb):
        excess[rows] = toward.light(luminances(rgb[rows]))
    room = np.float32(toward.room)
    factor = np.minimum(1, room / np.maximum(_around(excess), room))[..., None]
    where = np.broadcast_to(where, (len(rgb), *where.shape[1:]))
    result = np.empty_like(rgb)
    for rows in bands(rgb):
        light = toward.light(linear(rgb[rows]))
        dimmed = light * factor[rows]
        dimmed *= np.minimum(1, room / np.maximum(dimmed @ _WEIGHTS, 1e-6))[..., None]
        result[rows] = encoded(toward.light(light + (dimmed - light) * where[rows]))
    return result


class _Dark:
    """A ground for light text: its luminance stays below `room`."""

    def __init__(self, theme: Theme) -> None:
        self.room = (min(_inks(theme)) + 0.05) / (TEXT * _MARGIN) - 0.05

    def light(self, light: Floats) -> Floats:
        return light


class _Light:
    """A ground for dark text: the same upside down, what it lacks of white stays below `room`."""

    def __init__(self, theme: Theme) -> None:
        self.room = 1.05 - TEXT * _MARGIN * (max(_inks(theme)) + 0.05)

    def light(self, light: Floats) -> Floats:
        return np.asarray(1 - light, dtype=np.float32)


def _inks(theme: Theme) -> list[float]:
    return [luminance(color) for color in (theme.title, theme.text, theme.muted)]


def _around(field: Floats) -> Floats:
    """The largest value near each place, smoothed."""
    rows, columns = field.shape
    tall, wide = -(-rows // _COARSE), -(-columns // _COARSE)
    padded = np.pad(field, ((0, tall * _COARSE - rows), (0, wide * _COARSE - columns)), mode="edge")
    coarse = padded.reshape(tall, _COARSE, wide, _COARSE).max(axis=(1, 3))
    for axis in (0, 1):
        coarse = np.maximum(coarse, np.maximum(np.roll(coarse, 1, axis), np.roll(coarse, -1, axis)))
    smooth = resized(resized(coarse, max(2, tall // 3), max(2, wide // 3)), rows, columns)
    return np.maximum(smooth, 1e-3)
