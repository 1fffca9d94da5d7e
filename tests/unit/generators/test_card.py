"""The card generator as its caller sees it."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import get_args
from uuid import UUID

import jsonschema
import pytest
from PIL import Image

from services.generator.generators.card import CardGenerator
from services.generator.generators.card.background import paint
from services.generator.generators.card.contrast import luminance, luminances, ratio
from services.generator.generators.card.inputs import CardInput, ThemeName
from services.generator.generators.card.themes import THEMES
from services.generator.generators.pixels import Floats
from shared.errors import InvalidInputError
from shared.generators import GeneratorContext
from shared.testing.generator_conformance import digests, made

SMALL = {"title": "Small", "width": 400, "height": 300}


@pytest.mark.parametrize("theme", THEMES)
def test_every_theme_makes_a_png_of_the_size_asked_for(theme: str, tmp_path: Path) -> None:
    (file,) = made(CardGenerator, {**CardGenerator.example, "theme": theme}, tmp_path)

    assert file.path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    with Image.open(file.path) as picture:
        assert (picture.size, picture.mode) == ((1200, 630), "RGB")
    assert file.path.stat().st_size < 1_000_000


def test_themes_and_schema_agree() -> None:
    assert set(get_args(ThemeName)) == set(THEMES)


def test_another_seed_is_another_picture() -> None:
    first, second = (digests(CardGenerator, SMALL | {"seed": seed}, seed=0) for seed in (1, 2))

    assert first != second


def test_the_same_card_is_the_same_picture_for_every_job() -> None:
    assert digests(CardGenerator, SMALL, seed=1) == digests(CardGenerator, SMALL, seed=2)


def test_provenance_names_the_seed_and_every_font(tmp_path: Path) -> None:
    (file,) = made(CardGenerator, SMALL | {"seed": 9}, tmp_path)

    assert file.provenance["seed"] == 9
    assert {len(digest) for digest in file.provenance["fonts"].values()} == {64}
    assert file.provenance["omitted_characters"] == ""
    assert file.provenance["stages"].keys() == {"background", "lettering", "encoding"}


def test_a_title_that_no_font_can_draw_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="no font here can draw"):
        made(CardGenerator, {"title": "𓀀𓀁"}, tmp_path)


def test_announcing_loads_nothing_heavy() -> None:
    program = (
        "import sys; from services.generator.generators.card import CardGenerator as C;"
        "from services.generator.generators.art import ArtGenerator as A;"
        "C.input_model.model_json_schema(), A.input_model.model_json_schema();"
        "print({'numpy', 'PIL', 'typst'} & sys.modules.keys())"
    )
    root = Path(__file__).parents[3]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "set()"


@pytest.mark.parametrize("name", THEMES)
def test_text_can_be_read_on_every_theme(name: str) -> None:
    """WCAG 2.1, 1.4.3: 4.5 to 1, at the worst place where text stands, whatever the seed."""
    theme = THEMES[name]
    for seed in range(5):
        ground = luminances(paint(theme, 1200, 630, seed))
        inside = ground[60:570, 72:1128]
        lower = ground[400:570, 72:1128]
        for color, place in ((theme.title, inside[80:440]), (theme.text, inside)):
            assert contrast(color, place) >= 4.5
        assert contrast(theme.muted, lower) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_accents_stand_out_on_every_theme(name: str) -> None:
    """WCAG 2.1, 1.4.11: 3 to 1; a statement is set in the accent, as large as the card allows."""
    theme = THEMES[name]
    ground = luminances(paint(theme, 1200, 630, 7))[160:400, 300:900]

    assert contrast(theme.accent, ground) >= 3
    assert ratio(luminance(theme.accent_text), luminance(theme.accent)) >= 3


def contrast(color: str, ground: Floats) -> float:
    return min(ratio(luminance(color), float(place)) for place in (ground.min(), ground.max()))


@pytest.mark.parametrize(
    ("format", "suffix"), [("PNG", ".png"), ("JPEG", ".jpg"), ("WEBP", ".webp")]
)
def test_a_card_comes_as_the_kind_of_file_asked_for(
    format: str, suffix: str, tmp_path: Path
) -> None:
    (file,) = made(CardGenerator, SMALL | {"format": format.lower()}, tmp_path)

    assert file.path.suffix == suffix
    with Image.open(file.path) as picture:
        assert (picture.format, picture.size) == (format, (400, 300))


@pytest.mark.parametrize(
    ("asked", "art"),
    [
        ({"layout": "left"}, None),
        ({"layout": "split", "theme": "paper"}, ("papercut", "desert")),
        ({"layout": "poster", "theme": "paper", "palette": "neon"}, ("papercut", "neon")),
        ({"layout": "left", "theme": "paper", "art": "tiles"}, ("tiles", "desert")),
    ],
)
def test_art_fills_what_wants_a_picture_and_is_named_in_the_provenance(
    asked: dict[str, str], art: tuple[str, str] | None, tmp_path: Path
) -> None:
    (file,) = made(CardGenerator, SMALL | asked, tmp_path)

    assert file.provenance["art"] == art


@pytest.mark.parametrize(
    ("width", "height", "fits"), [(4096, 2160, True), (2161, 2161, False), (300, 4096, True)]
)
def test_width_and_height_are_bounded_together(width: int, height: int, fits: bool) -> None:
    asked = {"title": "x", "width": width, "height": height}
    errors = list(jsonschema.Draft202012Validator(CardInput.model_json_schema()).iter_errors(asked))

    assert (not errors) is fits
    if not fits:
        with pytest.raises(ValueError, match="width 2161 x height 2161 is too large"):
            CardInput.model_validate(asked)


def test_progress_says_what_is_done(tmp_path: Path) -> None:
    told: list[str | None] = []

    async def report(_percent: float | None, message: str | None) -> None:
        told.append(message)

    context = GeneratorContext(UUID(int=0), seed=1, scratch=tmp_path, report=report)
    asyncio.run(CardGenerator().generate(CardInput.model_validate(SMALL), context))

    assert told == ["Painting the background", "Setting the text", "Encoding"]
