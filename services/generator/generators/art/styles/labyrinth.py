"""Labyrinth: the bands and spots that grow on fish and corals.

After Alan Turing, "The Chemical Basis of Morphogenesis" (1952). What grows is kept to one wave
length by a filter, turn after turn, instead of by two chemicals: the same patterns, much sooner.
"""

import numpy as np

from services.generator.generators.art.frame import Frame
from services.generator.generators.art.noise import sampled, tile
from services.generator.generators.art.palettes import Palette
from services.generator.generators.pixels import Floats, generator_for, oklab, ramp, resized, srgb

_GRID = 300  # cells a unit of the grown pattern at most
_TURNS = 32


def paint(palette: Palette, width: int, height: int, detail: float, seed: int) -> Floats:
    """The picture as sRGB (height, width, 3) in 0-255."""
    random = generator_for(seed, 29)
    frame = Frame(width, height)
    grown = _grown(frame, 0.085 - 0.05 * detail, random)
    pattern = resized(grown, height, width)
    down, across = np.gradient(pattern)
    slope = np.maximum(np.hypot(down, across), np.float32(1e-4))
    cover = np.clip(pattern / slope + np.float32(0.5), 0, 1)[..., None]
    ridge = np.clip(pattern, 0, 1.4)
    light = np.tanh((across * np.float32(0.7) + down) * np.float32(frame.unit * 0.016))
    inks = _inks(palette, frame, random)
    inks[..., 0] += np.float32(0.055) * ridge - np.float32(0.05) * light
    base = srgb(oklab(palette.ground))
    return np.asarray(base + (srgb(inks) - base) * cover, dtype=np.float32)


def _grown(frame: Frame, wave: float, random: np.random.Generator) -> Floats:
    """The pattern on a coarse grid, about -1 to 1."""
    scale = _GRID / frame.unit
    rows, columns = (max(8, round(side * scale)) for side in (frame.rows, frame.columns))
    tall, wide = (_even(side * 1.2) for side in (rows, columns))  # it repeats: grow more than shown
    fy = np.fft.fftfreq(tall, 1 / _GRID).astype(np.float32)[:, None]
    fx = np.fft.rfftfreq(wide, 1 / _GRID).astype(np.float32)[None, :]
    frequency = np.hypot(fx, fy) * np.float32(wave)
    keep = np.exp(-(((frequency - 1) / np.float32(0.32)) ** 2)).astype(np.float32)
    field = random.standard_normal((tall, wide), dtype=np.float32)
    bias = np.float32(random.uniform(-0.20, 0.20))
    for _ in range(_TURNS):
        field = np.fft.irfft2(np.fft.rfft2(field) * keep, s=(tall, wide)).astype(np.float32)
        field = np.tanh(field * np.float32(2.2 / max(float(field.std()), 1e-6)) + bias)
    smooth = np.fft.irfft2(np.fft.rfft2(field) * np.exp(-((frequency / 2.2) ** 2)), s=(tall, wide))
    return np.ascontiguousarray(smooth[:rows, :columns].astype(np.float32))


def _even(count: float) -> int:
    """A size whose transform is quick: a multiple of 32."""
    return int(-(-count // 32) * 32)


def _inks(palette: Palette, frame: Frame, random: np.random.Generator) -> Floats:
    """(rows, columns, 3) OKLab: the palette's colours, changing slowly, apart from the ground."""
    small = frame.reduced(8)
    x, y = small.places()
    x, y = np.broadcast_arrays(x * np.float32(0.16), y * np.float32(0.16))
    place = np.clip(sampled(tile(random, 4, 1.8), x, y) * np.float32(0.25) + np.float32(0.5), 0, 1)
    dark = oklab(palette.ground)[0] < 0.5
    colors = ramp(palette.ramp[2:5] if dark else palette.ramp[:4])
    lab = colors[(place * (len(colors) - 1)).astype(np.int32)]
    return resized(lab, frame.rows, frame.columns)
