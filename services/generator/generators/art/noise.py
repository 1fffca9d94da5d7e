"""Smooth randomness: the raw material of every style."""

import numpy as np

from services.generator.generators.pixels import Floats

TILE = 1024


def tile(random: np.random.Generator, waves: float, roughness: float) -> Floats:
    """Fractal noise (TILE, TILE) that repeats without a seam, spread 1 around 0.

    Made from a spectrum that falls with frequency ** -roughness and ends at `waves` periods a
    tile, so that it can be sampled bilinearly, enlarged and lit without facets.
    """
    spectrum = np.zeros((TILE, TILE // 2 + 1), dtype=np.complex64)
    down = np.fft.fftfreq(TILE, 1 / TILE).astype(np.float32)[:, None]
    across = np.arange(TILE // 2 + 1, dtype=np.float32)[None, :]
    frequency = np.hypot(down, across)
    kept = (frequency >= 1) & (frequency < 3 * waves)
    count = int(kept.sum())
    phase = random.uniform(0, 2 * np.pi, count).astype(np.float32)
    size = frequency[kept] ** -roughness * np.exp(-((frequency[kept] / waves) ** 2))
    spectrum[kept] = size * np.exp(1j * phase)
    field = np.fft.irfft2(spectrum, s=(TILE, TILE)).astype(np.float32)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def sampled(field: Floats, x: Floats, y: Floats) -> Floats:
    """`field` (a tile) at the places (x, y), in tiles, bilinear, wrapping round."""
    across, down = x * np.float32(TILE), y * np.float32(TILE)
    left, top = np.floor(across), np.floor(down)
    fx, fy = across - left, down - top
    c0, r0 = left.astype(np.int32) & (TILE - 1), top.astype(np.int32) & (TILE - 1)
    c1, r1 = (c0 + 1) & (TILE - 1), (r0 + 1) & (TILE - 1)
    flat = field.ravel()
    r0, r1 = r0 * TILE, r1 * TILE
    upper = flat[r0 + c0] + (flat[r0 + c1] - flat[r0 + c0]) * fx
    lower = flat[r1 + c0] + (flat[r1 + c1] - flat[r1 + c0]) * fx
    return np.asarray(upper + (lower - upper) * fy, dtype=np.float32)


def evened(field: Floats) -> Floats:
    """`field` with its values spread evenly over 0 to 1, so that every colour gets its share."""
    levels = np.linspace(0, 1, 65, dtype=np.float32)
    marks = np.quantile(field[::4, ::4], levels).astype(np.float32)
    marks += np.arange(65, dtype=np.float32) * np.float32(1e-6)
    return np.interp(field, marks, levels).astype(np.float32)


def rippled(
    x: Floats, y: Floats, strength: float, random: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """The places (x, y) bent by crossing waves, each finer than the last, and their folds."""
    fold = np.zeros_like(x)
    heading = random.uniform(0, 2 * np.pi)
    for frequency in (2.3, 3.7, 5.9, 8.6):
        phase, swing = random.uniform(0, 2 * np.pi), random.uniform(-0.5, 0.5)
        angle = np.float32(heading + swing)
        along = x * np.cos(angle) + y * np.sin(angle)
        wave = np.sin(along * np.float32(frequency) + np.float32(phase))
        amount = np.float32(strength * 2.3 / frequency)
        x, y = x - wave * amount * np.sin(angle), y + wave * amount * np.cos(angle)
        fold = fold * np.float32(0.6) + wave
        heading += np.pi / 2 + random.uniform(-0.4, 0.4)
    return x, y, fold
