"""Colours mix as eyes expect, and gradients do not band."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.generator.generators.pixels import (
    Format,
    generator_for,
    grain,
    oklab,
    ramp,
    resized,
    rounded,
    srgb,
    write,
    write_png,
)


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#ff0000", "#5b3df5", "#8fb93a"])
def test_a_color_comes_back_from_oklab(color: str) -> None:
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]

    assert np.abs(srgb(oklab(color)[None])[0] - rgb).max() < 1


def test_a_ramp_starts_and_ends_with_its_colors() -> None:
    curve = ramp(("#102030", "#a0b0c0", "#ffeedd"), 99)

    assert np.allclose(
        curve[[0, 49, -1]], [oklab(c) for c in ("#102030", "#a0b0c0", "#ffeedd")], atol=1e-5
    )


def test_streams_of_one_seed_differ_by_purpose_only() -> None:
    first = grain(4, 4, generator_for(1, 2), 1)

    assert np.array_equal(first, grain(4, 4, generator_for(1, 2), 1))
    assert not np.array_equal(first, grain(4, 4, generator_for(1, 3), 1))


def test_stretching_keeps_a_field_smooth() -> None:
    stretched = resized(np.linspace(0, 1, 8, dtype=np.float32)[None].repeat(8, axis=0), 64, 64)

    assert stretched.shape == (64, 64)
    assert np.abs(np.diff(stretched, axis=1)).max() < 0.03


def test_grain_breaks_the_bands_of_a_long_gradient(tmp_path: Path) -> None:
    slope = np.linspace(20, 24, 1200, dtype=np.float32)[None, :, None].repeat(40, axis=0)
    picture = slope.repeat(3, axis=2) + grain(40, 1200, generator_for(1), 1.2)
    write_png(tmp_path / "slope.png", picture)

    with Image.open(tmp_path / "slope.png") as written:
        pixels = np.asarray(written)[..., 0]
    assert max(np.diff(np.flatnonzero(np.diff(pixels[0].astype(int)))).tolist()) < 20


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_no_kind_of_file_brings_bands_back(format: Format, tmp_path: Path) -> None:
    slope = np.linspace(20, 40, 1200, dtype=np.float32)[None, :, None].repeat(64, axis=0)
    write(
        tmp_path / "slope", slope.repeat(3, axis=2) + grain(64, 1200, generator_for(1), 1.2), format
    )

    with Image.open(tmp_path / "slope") as written:
        row = np.asarray(written)[30, :, 1].astype(int)
    assert max(np.diff(np.flatnonzero(np.diff(row))).tolist()) < 40


def test_a_large_picture_is_converted_as_a_small_one_is() -> None:
    lab = np.random.default_rng(1).uniform(0, 0.3, (700, 300, 3)).astype(np.float32)

    assert np.array_equal(srgb(lab)[:10], srgb(lab[:10]))
    assert np.array_equal(rounded(srgb(lab))[-5:], rounded(srgb(lab[-5:])))
