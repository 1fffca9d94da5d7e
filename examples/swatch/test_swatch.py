"""The swatch keeps the promises of every generator, and finds the colour of a picture."""

import io
from typing import Any, ClassVar

import pytest
from darkroom_swatch import SwatchGenerator
from PIL import Image

from shared.errors import InvalidInputError
from shared.testing.generator_conformance import GeneratorConformance, made

PHOTO, NOTES = (f"019ab7f0-0000-7000-8000-00000000000{n}" for n in (1, 2))


def a_photo() -> bytes:
    """Half red, half blue."""
    picture = Image.new("RGB", (2, 1), "#ff0000")
    picture.putpixel((1, 0), (0, 0, 255))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


ASSETS = {PHOTO: a_photo(), NOTES: b"a,b\n1,2\n"}


class TestSwatch(GeneratorConformance):
    generator = SwatchGenerator
    assets: ClassVar[dict[str, bytes]] = ASSETS
    inputs = ({"colour": "#e4572e"}, {"colour": "#000000", "side": 1}, {"source": PHOTO})
    heaviest = ({"colour": "#e4572e", "side": 2048},)
    hostile = (
        {},
        {"colour": "red"},
        {"colour": "#e4572e", "side": 100_000},
        {"colour": "#e4572e", "source": PHOTO},
        {"source": "../../etc/passwd"},
        {"source": NOTES},
    )


def test_the_colour_of_a_picture_is_its_average(tmp_path: Any) -> None:
    [file] = made(SwatchGenerator, {"source": PHOTO}, tmp_path, assets=ASSETS)

    assert file.provenance["colour"] == "#800080"


def test_what_is_no_picture_is_said_to_be_none(tmp_path: Any) -> None:
    with pytest.raises(InvalidInputError, match="no picture"):
        made(SwatchGenerator, {"source": NOTES}, tmp_path, assets=ASSETS)
