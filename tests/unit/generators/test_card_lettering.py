"""Whatever is typed, the lettering stays on the card and its parts never touch."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.lettering import letter
from services.generator.generators.card.themes import THEMES
from services.generator.generators.pixels import Floats
from services.generator.generators.typography.faces import choose

# One pure colour a part, so that the ink of each can be told apart.
PARTS = dataclasses.replace(
    THEMES["ink"],
    title="#ff0000",
    text="#00ff00",
    accent="#00ff00",
    accent_text="#00ff00",
    line="#00ff00",
    muted="#0000ff",
)
AROUND = {
    "subtitle": "Caching, sharding and the courage to delete tests nobody reads",
    "brand": "Northwind",
    "badge": "GUIDE",
    "author": "Ada Lovelace",
    "address": "https://northwind.dev/blog",
}
TITLES = {
    "short": "Go",
    "usual": "How we cut build times from forty minutes to four",
    "descenders": "Typography jiggling pygmy quips, jig by jig by jig",
    "longest": ("Everything we learned about operating brokers in production, " * 3)[:140],
    "unbroken": "W" * 140,
    "one long word": "Donaudampfschifffahrtsgesellschaftskapitän",
    "address": "https://example.com/a/very/long/path/that/never/ends/and-goes-on?and=on",
    "accents": "ÀÉÎÕÜ ŘEDITEL ÅNGSTRÖM " * 6,
    "towers": "Z" + "\u0301\u0302\u0303\u0304" * 30 + "algo",
    "markup": '#panic("x") *bold* _it_ $x^2$ <b> #read("/etc/passwd") \\ "quoted"',
}
SIZES = ((1200, 630), (1080, 1080), (1080, 1920), (300, 300), (2048, 300), (300, 2048))


def lettered(tmp_path: Path, **asked: Any) -> tuple[Floats, CardInput]:
    card = CardInput.model_validate(asked)
    fonts = choose(" ".join([card.title, card.subtitle, card.brand, card.author]), "en", folders=())
    return letter(card, PARTS, fonts, tmp_path), card


def rows(picture: Floats, channel: int) -> set[int]:
    """The rows with ink of one part: 0 title, 1 head and foot, 2 subtitle and address."""
    strongest = picture[..., :3].argmax(axis=-1) == channel
    return set(np.flatnonzero((strongest & (picture[..., 3] > 64)).any(axis=1)).tolist())


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_a_title_never_leaves_the_margins_nor_touches_its_neighbours(
    title: str, size: tuple[int, int], tmp_path: Path
) -> None:
    width, height = size
    picture, _ = lettered(tmp_path, title=title[:140], width=width, height=height, **AROUND)

    down, across = np.nonzero(picture[..., 3] > 64)
    margin = 0.85 * 72 * min((width * height / 756_000) ** 0.5, width / 640, height / 400)
    assert margin <= across.min()
    assert across.max() < width - margin
    assert 0.8 * margin <= down.min()
    assert down.max() < height - 0.8 * margin
    assert rows(picture, 0)
    assert not rows(picture, 0) & rows(picture, 1)
    assert not rows(picture, 0) & rows(picture, 2)


@pytest.mark.parametrize("layout", ["left", "center"])
@pytest.mark.parametrize("part", ["subtitle", "brand", "badge", "author", "address"])
def test_any_part_at_its_longest_stays_on_the_card(part: str, layout: str, tmp_path: Path) -> None:
    longest = next(
        rule.max_length
        for rule in CardInput.model_fields[part].metadata
        if hasattr(rule, "max_length")
    )
    asked = AROUND | {part: "W" * longest, "title": "Short", "layout": layout}
    picture, _ = lettered(tmp_path, **asked)

    across = np.flatnonzero((picture[..., 3] > 64).any(axis=0))
    assert across.min() >= 60
    assert across.max() < 1140


def test_a_short_title_is_large_and_a_long_one_fills_the_card(tmp_path: Path) -> None:
    short, _ = lettered(tmp_path, title="Go")
    long, _ = lettered(tmp_path, title=TITLES["longest"])

    assert len(rows(short, 0)) > 90
    assert max(rows(long, 0)) - min(rows(long, 0)) > 330


def test_text_is_drawn_as_typed_and_never_read_as_a_program(tmp_path: Path) -> None:
    plain, _ = lettered(tmp_path, title="#panic()")
    shown, _ = lettered(tmp_path, title="#datetime.today()")

    assert rows(plain, 0)
    assert rows(shown, 0)
