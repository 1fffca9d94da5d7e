"""The card generator as its caller sees it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.generator.generators.card import CardGenerator
from services.generator.generators.card.background import paint
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.themes import THEMES
from services.generator.generators.pixels import Floats
from shared.errors import InvalidInputError
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
    schema = CardInput.model_json_schema()

    assert set(schema["properties"]["theme"]["enum"]) == set(THEMES)


def test_another_seed_is_another_picture() -> None:
    first, second = (digests(CardGenerator, SMALL | {"seed": seed}, seed=0) for seed in (1, 2))

    assert first != second


def test_the_same_card_is_the_same_picture_for_every_job() -> None:
    assert digests(CardGenerator, SMALL, seed=1) == digests(CardGenerator, SMALL, seed=2)


def test_provenance_names_the_seed_and_every_font(tmp_path: Path) -> None:
    (file,) = made(CardGenerator, SMALL | {"seed": 9}, tmp_path)

    assert file.provenance["seed"] == 9
    assert file.provenance["version"] == CardGenerator.version
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
    for seed in range(12):
        ground = luminance(paint(theme, 1200, 630, seed))
        inside = ground[60:570, 72:1128]
        lower = ground[400:570, 72:1128]
        for color, place in ((theme.title, inside[80:440]), (theme.text, inside)):
            assert contrast(color, place) >= 4.5
        assert contrast(theme.muted, lower) >= 4.5


def luminance(rgb: Floats) -> Floats:
    encoded = rgb / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    weights = np.array([0.2126, 0.7152, 0.0722])
    return np.asarray((linear * weights).sum(axis=-1), dtype=np.float32)


def contrast(color: str, ground: Floats) -> float:
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float32)
    text = float(luminance(rgb))
    pairs = [sorted((text, float(place))) for place in (ground.min(), ground.max())]
    return min((high + 0.05) / (low + 0.05) for low, high in pairs)
