"""Halftone: a sun over a calm sea, printed in dots whose size is the light."""

import math

import numpy as np

from services.generator.generators.art.frame import Frame, step
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, srgb

_BAND = 256  # rows at once
_ANGLES = (15.0, 30.0, 45.0, 75.0)
_FULL = 0.60  # the radius of the largest dot, of the way from dot to dot


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 27)
    frame = Frame(width, height)
    pitch = 0.026 - 0.014 * detail
    angle = math.radians(random.choice(_ANGLES))
    scene = _Scene(frame, random)
    ground = oklab(palette.ground)
    dark = bool(ground[0] < 0.5)
    inks = srgb(ramp(palette.ramp[2:] if dark else palette.ramp[4::-1]))
    base = srgb(ground)
    x, y = frame.places()
    picture = np.empty((height, width, 3), dtype=np.float32)
    for top in range(0, height, _BAND):
        rows = slice(top, top + _BAND)
        (cx, cy), away = _dots(x, y[rows], pitch, angle)
        light = np.clip(scene.light(cx, cy), 0, 1)
        reach = np.sqrt(light) * (pitch * _FULL)
        cover = np.clip((reach - away) * frame.unit + 0.5, 0, 1)
        ink = inks[(light * (len(inks) - 1)).astype(np.int32)]
        picture[rows] = base + (ink - base) * cover[..., None]
    return picture


def _dots(x: Floats, y: Floats, pitch: float, angle: float) -> tuple[tuple[Floats, Floats], Floats]:
    """For each pixel: the middle of its dot, and how far away that is, in units."""
    cosine, sine = math.cos(angle), math.sin(angle)
    u, v = x * cosine + y * sine, y * cosine - x * sine
    du, dv = (_from_middle(part, pitch) for part in (u, v))
    cu, cv = u - du, v - dv
    away = np.asarray(np.hypot(du, dv), dtype=np.float32)
    return (cu * cosine - cv * sine, cu * sine + cv * cosine), away


def _from_middle(part: Floats, pitch: float) -> Floats:
    return np.asarray(part - (np.floor(part / pitch) + 0.5) * pitch, dtype=np.float32)


class _Scene:
    """How strong the ink is at a place."""

    def __init__(self, frame: Frame, random: np.random.Generator) -> None:
        self._horizon = frame.down * random.uniform(0.60, 0.70)
        self._depth = frame.down - self._horizon
        self._x = frame.across * random.uniform(0.34, 0.66)
        self._y = self._horizon * random.uniform(0.55, 0.95)
        self._radius = min(frame.across, frame.down) * random.uniform(0.27, 0.36)
        self._phases = random.uniform(0, 2 * math.pi, 4).tolist()

    def light(self, x: Floats, y: Floats) -> Floats:
        lit = np.where(y < self._horizon, self._sky(x, y), self._sea(x, y))
        return np.asarray(lit, dtype=np.float32)

    def _sky(self, x: Floats, y: Floats) -> Floats:
        haze = 0.10 + 0.34 * (y / self._horizon) ** 2
        outside = np.hypot(x - self._x, y - self._y) - self._radius
        glow = np.exp(-np.maximum(outside, 0) / 0.22) * 0.28
        fade = np.clip(0.72 + 0.30 * (self._y - y) / self._radius, 0.45, 1.0)
        return np.asarray(np.maximum(haze + glow, step(-outside, 0.004) * fade))

    def _sea(self, x: Floats, y: Floats) -> Floats:
        """Waves that grow towards the eye, and the sun's path on them."""
        depth = np.maximum((y - self._horizon) / self._depth, 1e-3)
        waves = np.zeros_like(depth)
        for number, phase in enumerate(self._phases):
            sway = (0.35 + 0.2 * number) * np.sin(x * (3 + 2 * number) + phase)
            waves += np.sin((26 + 9 * number) * np.sqrt(depth) + sway) * 0.25
        path = np.exp(-(((x - self._x) / (self._radius * (0.55 + 0.9 * depth))) ** 2))
        return np.asarray(0.16 + 0.12 * waves + path * np.clip(0.35 + 0.6 * waves, 0, 1))
