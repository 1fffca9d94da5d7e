"""The art generator as its caller sees it."""

import asyncio
from pathlib import Path
from typing import get_args
from uuid import UUID

import jsonschema
import numpy as np
import pytest
from PIL import Image

from services.generator.generators.art import ArtGenerator
from services.generator.generators.art.easel import painted
from services.generator.generators.art.inputs import ArtInput, PaletteName, Style
from services.generator.generators.art.palettes import PALETTES
from services.generator.generators.pixels import Floats
from shared.generators import GeneratorContext
from shared.testing.generator_conformance import digests, made

STYLES: tuple[Style, ...] = get_args(Style)
NAMES: tuple[PaletteName, ...] = get_args(PaletteName)


@pytest.mark.parametrize("style", STYLES)
def test_every_style_paints_in_light_and_dark_palettes(style: Style) -> None:
    for seed, palette in enumerate(NAMES[STYLES.index(style) % 5 :: 5]):
        picture = painted(style, palette, (96, 54), 0.5, seed)

        assert picture.shape == (54, 96, 3)
        assert picture.dtype == np.float32
        assert np.isfinite(picture).all(), palette
        assert picture.std() > 6, palette


@pytest.mark.parametrize("style", STYLES)
def test_a_style_shows_the_same_picture_at_any_size_of_one_shape(style: Style) -> None:
    small, large = (painted(style, "ember", (w, w // 2), 0.3, 5) for w in (160, 480))

    assert np.corrcoef(_coarse(small).ravel(), _coarse(large).ravel())[0, 1] > 0.85


@pytest.mark.parametrize(
    ("format", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")]
)
def test_a_picture_comes_as_the_kind_of_file_asked_for(
    format: str, suffix: str, tmp_path: Path
) -> None:
    asked = {"style": "mesh", "width": 160, "height": 90, "format": format.lower()}
    (file,) = made(ArtGenerator, asked, tmp_path)

    assert file.path.suffix == suffix
    with Image.open(file.path) as picture:
        assert (picture.format, picture.size, picture.mode) == (format, (160, 90), "RGB")


@pytest.mark.parametrize("size", [(64, 640), (333, 127)], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_any_shape_is_painted_to_its_edges(
    style: str, size: tuple[int, int], tmp_path: Path
) -> None:
    asked = {"style": style, "width": size[0], "height": size[1], "palette": "lagoon"}
    (file,) = made(ArtGenerator, asked, tmp_path)

    with Image.open(file.path) as picture:
        assert picture.size == size
        assert np.asarray(picture).min(axis=(0, 1)).max() > 0
        assert np.asarray(picture, dtype=np.float32).std() > 6


@pytest.mark.parametrize("style", STYLES)
def test_another_seed_or_detail_is_another_picture(style: str) -> None:
    asked = {"style": style, "width": 96, "height": 64}
    pictures = (
        digests(ArtGenerator, asked, seed=1),
        digests(ArtGenerator, asked, seed=2),
        digests(ArtGenerator, asked | {"detail": 0.9}, seed=1),
    )

    assert len({digest for (digest,) in pictures}) == 3


def test_the_seed_of_the_input_wins_over_that_of_the_job() -> None:
    asked = {"style": "mesh", "width": 64, "height": 64}

    assert digests(ArtGenerator, asked | {"seed": 5}, seed=1) == digests(
        ArtGenerator, asked, seed=5
    )


def test_palettes_and_schema_agree() -> None:
    assert set(NAMES) == set(PALETTES)


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [(5120, 2880, True), (2880, 5120, True), (2881, 2881, False), (5120, 2881, False)],
)
def test_the_schema_alone_bounds_the_number_of_pixels(width: int, height: int, fits: bool) -> None:
    validator = jsonschema.Draft202012Validator(ArtInput.model_json_schema())
    errors = list(validator.iter_errors({"width": width, "height": height}))

    assert (not errors) is fits
    assert all(list(error.path) == ["height"] for error in errors)
    if fits:
        ArtInput(width=width, height=height)
    else:
        with pytest.raises(ValueError, match="shorter side may have 2880"):
            ArtInput(width=width, height=height)


def test_progress_goes_up_and_says_what_is_done(tmp_path: Path) -> None:
    told: list[tuple[float | None, str | None]] = []

    async def report(percent: float | None, message: str | None) -> None:
        told.append((percent, message))

    context = GeneratorContext(UUID(int=0), seed=1, scratch=tmp_path, report=report)
    asked = ArtInput(style="mesh", width=64, height=64)
    asyncio.run(ArtGenerator().generate(asked, context))

    percents = [percent or 0 for percent, _ in told]
    assert percents == sorted(percents)
    assert told[0] == (5, "Painting mesh")


def test_provenance_names_seed_style_and_palette(tmp_path: Path) -> None:
    (file,) = made(ArtGenerator, {"width": 64, "height": 64}, tmp_path, seed=3)

    assert file.filename == "flow-3.png"
    assert file.provenance["seed"] == 3
    assert file.provenance["palette"] == "dusk"
    assert file.provenance["stages"].keys() == {"paint", "grain", "encode"}


def _coarse(picture: Floats) -> Floats:
    """Its light in 8 x 16 fields."""
    rows, columns = picture.shape[0] // 8, picture.shape[1] // 16
    light = picture[: rows * 8, : columns * 16].mean(axis=2)
    return np.asarray(light.reshape(8, rows, 16, columns).mean(axis=(1, 3)), dtype=np.float32)
