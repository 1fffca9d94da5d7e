"""Dunes: range behind range in the haze, a sun or a moon over them."""

import numpy as np

from services.generator.generators.art.frame import Frame, step
from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, srgb


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 28)
    frame = Frame(width, height)
    x, y = frame.places()
    night = random.random() < 0.35
    lab = _sky(palette, frame, (x, y), night, random)
    ranges = 5 + round(5 * detail)
    colors = _colors(palette, ranges, night)
    profiles = tile(random, 40, 1.75)
    for number in range(ranges):
        near = (number + 1) / ranges
        crest = _crest(profiles, x, frame, near, random)
        below = y - crest
        depth = below / np.float32(frame.down * 0.42)
        shade = (
            colors[number]
            + (colors[number + 1] - colors[number])
            * np.clip(depth * np.float32(0.9), 0, 1)[..., None]
        )
        cover = np.clip(below * np.float32(frame.unit) + np.float32(0.5), 0, 1)[..., None]
        lab += (shade - lab) * cover
    return srgb(lab)


def _sky(
    palette: Palette,
    frame: Frame,
    place: tuple[Floats, Floats],
    night: bool,
    random: np.random.Generator,
) -> Floats:
    x, y = place
    shades = ramp(palette.ramp[:4] if night else palette.ramp[-1:-4:-1])
    index = np.clip(y / np.float32(frame.down * 0.8), 0, 1) * (len(shades) - 1)
    lab = np.repeat(shades[index.astype(np.int32)], frame.columns, axis=1)
    sun = (frame.across * random.uniform(0.28, 0.72), frame.down * random.uniform(0.24, 0.40))
    radius = 0.09 * random.uniform(0.9, 1.5)
    away = np.hypot(x - np.float32(sun[0]), y - np.float32(sun[1]))
    light = oklab(palette.ramp[-1])
    if not night:
        light = light + np.array([0.06, 0, 0.01], dtype=np.float32)
    glow = (np.exp(-((away / np.float32(radius * 3.4)) ** 2)) * np.float32(0.45))[..., None]
    lab += (light - lab) * glow
    disc = step(np.float32(radius) - away, 1.0 / frame.unit)[..., None]
    return np.asarray(lab + (light - lab) * disc, dtype=np.float32)


def _colors(palette: Palette, ranges: int, night: bool) -> Floats:
    """One colour a range and one more for the foot of the nearest: hazy far away, deep close by."""
    shades = palette.ramp[3::-1] if night else palette.ramp[4::-1]
    return ramp(shades, ranges + 1)


def _crest(
    profiles: Floats, x: Floats, frame: Frame, near: float, random: np.random.Generator
) -> Floats:
    """The line of one range as (1, columns) in units from the top."""
    base = frame.down * (0.40 + 0.52 * near)
    rough = 0.6 + 0.6 * near
    row = np.full_like(x, random.random())
    left = np.float32(random.random())
    wave = sampled(profiles, x * np.float32(0.10 * rough) + left, row)
    return np.asarray(base - wave * np.float32(0.075 * (0.75 + 0.6 * near)), dtype=np.float32)
