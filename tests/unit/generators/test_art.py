"""The art generator as its caller sees it."""

import asyncio
from pathlib import Path
from uuid import UUID

import jsonschema
import numpy as np
import pytest
from PIL import Image

from services.generator.generators.art import ArtGenerator
from services.generator.generators.art.inputs import ArtInput
from services.generator.generators.art.palettes import PALETTES
from shared.generators import GeneratorContext
from shared.testing.generator_conformance import digests, made

STYLES = ("flow", "warp", "mesh")


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("style", STYLES)
def test_every_style_paints_in_every_palette(style: str, palette: str, tmp_path: Path) -> None:
    asked = {"style": style, "palette": palette, "width": 160, "height": 90}
    (file,) = made(ArtGenerator, asked, tmp_path)

    with Image.open(file.path) as picture:
        assert (picture.format, picture.size, picture.mode) == ("PNG", (160, 90), "RGB")
        assert np.asarray(picture, dtype=np.float32).std() > 12


@pytest.mark.parametrize("size", [(64, 64), (64, 2048), (2048, 64), (333, 127)], ids=str)
@pytest.mark.parametrize("style", STYLES)
def test_any_shape_is_painted_to_its_edges(
    style: str, size: tuple[int, int], tmp_path: Path
) -> None:
    asked = {"style": style, "width": size[0], "height": size[1], "palette": "porcelain"}
    (file,) = made(ArtGenerator, asked, tmp_path)

    with Image.open(file.path) as picture:
        assert picture.size == size
        assert np.asarray(picture).min(axis=(0, 1)).max() > 0
        assert np.asarray(picture, dtype=np.float32).std() > 12


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
    schema = ArtInput.model_json_schema()

    assert set(schema["properties"]["palette"]["enum"]) == set(PALETTES)


@pytest.mark.parametrize(
    ("width", "height", "fits"),
    [(4096, 2160, True), (2160, 4096, True), (2161, 2161, False), (4096, 2161, False)],
)
def test_the_schema_alone_bounds_the_number_of_pixels(width: int, height: int, fits: bool) -> None:
    validator = jsonschema.Draft202012Validator(ArtInput.model_json_schema())
    errors = list(validator.iter_errors({"width": width, "height": height}))

    assert (not errors) is fits
    assert all(list(error.path) == ["height"] for error in errors)
    if fits:
        ArtInput(width=width, height=height)
    else:
        with pytest.raises(ValueError, match="shorter side may have 2160"):
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
    assert told[0] == (5, "painting mesh")


def test_provenance_names_seed_style_and_palette(tmp_path: Path) -> None:
    (file,) = made(ArtGenerator, {"width": 64, "height": 64}, tmp_path, seed=3)

    assert file.filename == "flow-3.png"
    assert file.provenance["seed"] == 3
    assert file.provenance["palette"] == "dusk"
    assert file.provenance["stages"].keys() == {"paint", "grain", "encode"}
