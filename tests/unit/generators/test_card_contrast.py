"""Whatever colour or picture is asked for, text can be read on it."""

import numpy as np
import pytest

from services.generator.generators.card.background import paint
from services.generator.generators.card.contrast import (
    TEXT,
    encoded,
    legible,
    linear,
    luminance,
    luminances,
    ratio,
    recolored,
)
from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.scenery import Scenery
from services.generator.generators.card.themes import THEMES

ACCENTS = ("#000000", "#ffffff", "#e2562b", "#ffe14d", "#0b0b40", "#00ff00", "#808080")


def test_light_comes_back_as_it_was() -> None:
    rgb = np.linspace(0, 255, 64, dtype=np.float32)[:, None].repeat(3, axis=1)

    assert np.abs(encoded(linear(rgb)) - rgb).max() < 0.01


def test_black_on_white_has_the_most_contrast_there_is() -> None:
    assert ratio(luminance("#000000"), luminance("#ffffff")) == pytest.approx(21, rel=1e-3)


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("name", THEMES)
def test_any_accent_stands_out(name: str, accent: str) -> None:
    theme = recolored(THEMES[name], accent)
    ground = luminance(theme.ground[len(theme.ground) // 2])

    assert ratio(luminance(theme.accent), ground) >= 2.9
    assert ratio(luminance(theme.accent_text), luminance(theme.accent)) >= 4.3


def test_an_accent_that_stands_out_is_kept() -> None:
    assert recolored(THEMES["ink"], "#e2562b").accent == "#e2562b"


def test_rules_in_the_accent_follow_it() -> None:
    assert recolored(THEMES["noir"], "#00c2a8").line == "#00c2a873"
    assert recolored(THEMES["editorial"], "#00c2a8").line == THEMES["editorial"].line


@pytest.mark.parametrize("accent", ["#ffe14d", "#0b0b40", "#00ff00"])
@pytest.mark.parametrize("name", ["ink", "paper", "blossom", "vivid"])
def test_text_can_be_read_whatever_the_accent(name: str, accent: str) -> None:
    card = CardInput.model_validate(
        {"title": "x", "theme": name, "accent": accent, "width": 480, "height": 300}
    )
    theme = recolored(THEMES[name], accent)
    ground = luminances(Scenery(card, theme, None, False).paint())

    for color in (theme.title, theme.text, theme.muted):
        assert min(ratio(luminance(color), float(g)) for g in (ground.min(), ground.max())) >= TEXT


def test_a_ground_that_is_fine_stays_as_it_is() -> None:
    ground = paint(THEMES["mono"], 240, 160, 7)
    everywhere = np.ones((160, 1, 1), dtype=np.float32)

    assert np.abs(legible(ground, THEMES["mono"], everywhere) - ground).max() < 0.1
