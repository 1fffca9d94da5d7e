"""Whatever is typed, the lettering stays on the card and its parts never touch."""

import dataclasses
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from services.generator.generators.card.inputs import CardInput
from services.generator.generators.card.lettering import Lettering
from services.generator.generators.card.placement import column, unit
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
LAYOUTS: tuple[str, ...] = get_args(CardInput.model_fields["layout"].annotation)
SIZES = ((1200, 630), (1080, 1080), (1080, 1920), (300, 300), (2048, 300), (300, 2048))


def lettered(tmp_path: Path, **asked: Any) -> tuple[Floats, CardInput]:
    card = CardInput.model_validate(asked)
    words = " ".join([card.title, card.subtitle, card.brand, card.author])
    fonts = choose(words, "en", folders=(), face=THEMES[card.theme].face)
    theme = dataclasses.replace(PARTS, face=THEMES[card.theme].face)
    return Lettering(card, theme, fonts).set(tmp_path), card


def rows(picture: Floats, channel: int) -> set[int]:
    """The rows with ink of one part: 0 title, 1 head and foot, 2 subtitle and address."""
    strongest = picture[..., :3].argmax(axis=-1) == channel
    return set(np.flatnonzero((strongest & (picture[..., 3] > 64)).any(axis=1)).tolist())


def assert_inside(picture: Floats, card: CardInput) -> None:
    """All ink is where text may be, but for what overhangs: stems, commas, the mark."""
    down, across = np.nonzero(picture[..., 3] > 64)
    place, slack = column(card, from_right=False), 11 * unit(card)
    assert place.left - slack <= across.min()
    assert across.max() < place.left + place.width + slack
    assert place.top - slack <= down.min()
    assert down.max() < place.top + place.height + slack


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES.keys())
def test_a_title_never_leaves_the_margins_nor_touches_its_neighbours(
    title: str, size: tuple[int, int], tmp_path: Path
) -> None:
    width, height = size
    picture, card = lettered(tmp_path, title=title[:140], width=width, height=height, **AROUND)

    assert_inside(picture, card)
    assert rows(picture, 0)
    assert not rows(picture, 0) & rows(picture, 1)
    assert not rows(picture, 0) & rows(picture, 2)


@pytest.mark.parametrize("theme", ["ink", "editorial", "terminal"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_title_leaves_any_layout_in_any_face(layout: str, theme: str, tmp_path: Path) -> None:
    start = LAYOUTS.index(layout) % 3
    for number, title in list(enumerate(TITLES.values()))[start::3]:
        width, height = SIZES[number % len(SIZES)]
        asked = AROUND | {"layout": layout, "theme": theme, "width": width, "height": height}
        picture, card = lettered(tmp_path, title=title[:140], **asked)

        assert_inside(picture, card)
        assert rows(picture, 1 if layout == "statement" else 0)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("part", ["subtitle", "brand", "badge", "author", "address"])
def test_any_part_at_its_longest_stays_on_the_card(part: str, layout: str, tmp_path: Path) -> None:
    longest = next(
        rule.max_length
        for rule in CardInput.model_fields[part].metadata
        if hasattr(rule, "max_length")
    )
    asked = AROUND | {part: "W" * longest, "title": "Short", "layout": layout}
    picture, card = lettered(tmp_path, **asked)

    assert_inside(picture, card)


def test_a_card_with_nothing_but_a_title_is_set_in_every_layout(tmp_path: Path) -> None:
    for layout in LAYOUTS:
        picture, card = lettered(tmp_path, title="Alone", layout=layout)

        assert_inside(picture, card)


def test_a_short_statement_stays_on_one_line(tmp_path: Path) -> None:
    one, _ = lettered(tmp_path, title="EUR 1,234", layout="statement", width=600, height=900)

    ink = sorted(rows(one, 1))
    assert ink[-1] - ink[0] + 1 == len(ink)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_read_from_the_right_begins_on_the_right(layout: str, tmp_path: Path) -> None:
    asked = AROUND | {"title": "שלום עולם", "layout": layout, "brand": "רוח", "badge": ""}
    card = CardInput.model_validate(asked)
    fonts = choose("שלום עולם רוח", "he", folders=())
    picture = Lettering(card, PARTS, fonts, from_right=True).set(tmp_path)

    place = column(card, from_right=True)
    assert np.nonzero(picture[..., 3] > 64)[1].max() > place.left + place.width - 30
    head = picture[: place.top + 30, :, 3] > 64
    assert np.nonzero(head)[1].min() > place.left + place.width / 2


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
