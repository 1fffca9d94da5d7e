"""Pictures that people give a card: cut, toned down, or refused in words."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from PIL import Image, ImageCms

from services.generator.generators.card import CardGenerator
from services.generator.generators.card.contrast import TEXT, luminance, luminances, ratio
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.pictures import MOST_PIXELS, covering, within
from services.generator.generators.card.scenery import Scenery
from services.generator.generators.card.themes import THEMES
from shared.errors import InvalidInputError
from shared.generators import AssetFile, GeneratorContext, InputFile

IMAGE, LOGO = str(UUID(int=1)), str(UUID(int=2))
AROUND = {"title": "A title", "brand": "Northwind", "author": "Ada", "width": 480, "height": 320}


def an_input(path: Path) -> InputFile:
    return InputFile(path, "image/png", "ab" * 32, path.stat().st_size)


@pytest.fixture
def photo(tmp_path: Path) -> InputFile:
    """Noise from black to white: the worst that text can stand on."""
    noise = np.random.default_rng(1).integers(0, 256, (300, 500, 3), dtype=np.uint8)
    noise[:, 250:] = 255
    noise[150:, :250] = 0
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return an_input(tmp_path / "photo.png")


@pytest.fixture
def logo(tmp_path: Path) -> InputFile:
    picture = Image.new("RGBA", (400, 200))
    picture.paste((12, 12, 16, 255), (20, 50, 380, 150))
    picture.save(tmp_path / "logo.png")
    return an_input(tmp_path / "logo.png")


def made_with(files: dict[str, InputFile], folder: Path, **asked: Any) -> AssetFile:
    context = GeneratorContext(UUID(int=0), 7, folder, inputs=files)
    card = CardInput.model_validate(AROUND | asked)
    (file,) = asyncio.run(CardGenerator().generate(card, context))
    return file


@pytest.mark.parametrize("layout", ["left", "split", "quote", "poster"])
def test_a_picture_changes_the_card_and_is_named_by_its_hash(
    layout: str, photo: InputFile, tmp_path: Path
) -> None:
    bare = made_with({}, tmp_path, layout=layout).path.read_bytes()
    file = made_with({IMAGE: photo}, tmp_path, layout=layout, image=IMAGE)

    assert file.path.read_bytes() != bare
    assert file.provenance["inputs"] == {"image": photo.sha256}


def test_a_logo_that_would_not_be_seen_gets_a_plate(logo: InputFile, tmp_path: Path) -> None:
    file = made_with({LOGO: logo}, tmp_path, logo=LOGO, brand="", theme="mono", badge="")

    with Image.open(file.path) as picture:
        corner = np.asarray(picture)[:70, :200]
    assert (corner.min(axis=2) > 240).sum() > 100


def test_a_logo_that_is_seen_gets_none(logo: InputFile, tmp_path: Path) -> None:
    file = made_with({LOGO: logo}, tmp_path, logo=LOGO, brand="", theme="editorial", badge="")

    with Image.open(file.path) as picture:
        corner = np.asarray(picture)[30:70, :200]
    assert (corner.max(axis=2) < 40).sum() > 100
    assert (corner.min(axis=2) > 252).sum() < 20


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("layout", ["center", "poster"])
def test_text_can_be_read_on_any_picture(layout: str, theme: str, photo: InputFile) -> None:
    card = CardInput.model_validate(AROUND | {"layout": layout, "theme": theme, "image": IMAGE})
    ground = luminances(Scenery(card, THEMES[theme], photo, False).paint())

    rows = slice(200, 300) if layout == "poster" else slice(0, 320)
    title = luminance(THEMES[theme].title)
    assert min(ratio(title, float(g)) for g in (ground[rows].min(), ground[rows].max())) >= TEXT


def test_a_picture_of_too_many_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    side = int(MOST_PIXELS**0.5) + 100
    Image.new("1", (side, side)).save(tmp_path / "bomb.png")

    with pytest.raises(InvalidInputError, match=r"image: .* 50 megapixels at most"):
        covering(an_input(tmp_path / "bomb.png"), "image", 100, 100)


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(InvalidInputError, match=r"logo: this asset .* cannot be read as a picture"):
        within(an_input(tmp_path / "file"), "logo", 100, 100)


def test_a_picture_cut_short_is_refused(photo: InputFile) -> None:
    whole = photo.path.read_bytes()
    photo.path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(InvalidInputError, match="cannot be read"):
        covering(photo, "image", 100, 100)


def test_a_picture_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no asset"):
        made_with({}, tmp_path, image=IMAGE)


def test_a_photo_is_turned_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (60, 40), "red")
    picture.paste("blue", (0, 0, 30, 40))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)

    upright = covering(an_input(tmp_path / "turned.jpg"), "image", 40, 60)
    top, bottom = (upright.getpixel((20, y)) for y in (10, 50))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[2] > 200 > top[0]
    assert bottom[0] > 200 > bottom[2]


@pytest.mark.parametrize("mode", ["I;16", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_kind_of_pixel_is_understood(mode: str, tmp_path: Path) -> None:
    if mode == "I;16":
        picture = Image.fromarray(np.full((20, 20), 32768, dtype=np.uint16))
    else:
        picture = Image.new("RGB", (20, 20), (128, 128, 128))
        picture = picture.quantize() if mode == "P" else picture.convert(mode)
    path = tmp_path / ("picture.jpg" if mode == "CMYK" else "picture.png")
    picture.save(path)

    middle = np.asarray(covering(an_input(path), "image", 20, 20))[10, 10]
    assert np.abs(middle.astype(int) - 128).max() < 12


def test_colours_are_taken_as_the_file_means_them(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (20, 20), (200, 100, 50)).save(tmp_path / "a.png", icc_profile=profile)
    Image.new("RGB", (20, 20), (200, 100, 50)).save(tmp_path / "b.png", icc_profile=b"nonsense")

    for name in ("a.png", "b.png"):
        middle = np.asarray(covering(an_input(tmp_path / name), "image", 20, 20))[10, 10]
        assert np.abs(middle.astype(int) - (200, 100, 50)).max() <= 3
