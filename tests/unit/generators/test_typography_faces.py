"""Fonts are chosen by what they can draw; what none can draw is left out and named."""

import struct
from pathlib import Path

import pytest

from services.generator.generators.typography.faces import BUNDLED, EMOJI, choose, coverage


def a_font(path: Path, characters: str) -> Path:
    """The least file whose character map can be read: one table, format 12."""
    groups = b"".join(struct.pack(">III", ord(c), ord(c), i) for i, c in enumerate(characters))
    subtable = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(characters)) + groups
    table = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + subtable
    head = struct.pack(">IHHHH", 0x00010000, 1, 16, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + struct.pack(">4sIII", b"cmap", 0, 28, len(table)) + table)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    a_font(tmp_path / "truetype" / "noto" / "NotoColorEmoji.ttf", "❤🚀")
    a_font(tmp_path / "opentype" / "noto" / "NotoSansCJK-Bold.ttc", "日本")
    return tmp_path


@pytest.mark.parametrize("char", "AzÄőЖΩ€→")
def test_inter_draws_the_scripts_of_europe(char: str) -> None:
    assert char in coverage(BUNDLED / "InterDisplay-Bold.otf")


def test_plain_text_needs_inter_alone(folder: Path) -> None:
    chosen = choose("Plain text", "en", [folder])

    assert chosen.fallback == ()
    assert {path.parent for path in chosen.files} == {BUNDLED}


def test_emoji_and_cjk_are_drawn_where_fonts_for_them_are_installed(folder: Path) -> None:
    chosen = choose("🚀 日本", "ja", [folder])

    assert chosen.fallback == (EMOJI, "Noto Sans CJK JP")
    assert chosen.drawable("🚀 日本") == "🚀 日本"
    assert {"NotoColorEmoji.ttf", "NotoSansCJK-Bold.ttc"} <= chosen.hashes().keys()


def test_without_them_their_characters_are_left_out_and_named(tmp_path: Path) -> None:
    chosen = choose("Ship 🚀 it", "en", [tmp_path])

    assert chosen.drawable("Ship 🚀 it") == "Ship it"
    assert chosen.omitted == "🚀"


def test_picture_styles_go_where_there_are_no_pictures(tmp_path: Path) -> None:
    text = "1\ufe0f\u20e3 step"

    assert choose(text, "en", [tmp_path]).drawable(text) == "1 step"


def test_a_heart_in_picture_style_asks_for_the_emoji_font(folder: Path) -> None:
    assert choose("I ❤\ufe0f it", "en", [folder]).fallback == (EMOJI,)
    assert choose("I ❤ it", "en", [folder]).fallback == ()
