"""Fonts are chosen by what they can draw; what none can draw is left out and named."""

import struct
from pathlib import Path

import pytest

from services.generator.generators.typography.coverage import coverage
from services.generator.generators.typography.faces import (
    BUNDLED,
    EMOJI,
    FOLDER_VARIABLE,
    Face,
    choose,
)


def a_font(path: Path, characters: str, name: str = "") -> Path:
    """The least file whose character map and name can be read: two tables, format 12."""
    groups = b"".join(struct.pack(">III", ord(c), ord(c), i) for i, c in enumerate(characters))
    subtable = struct.pack(">HHIII", 12, 0, 16 + len(groups), 0, len(characters)) + groups
    table = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + subtable
    text = name.encode("utf-16-be")
    record = struct.pack(">6H", 3, 1, 0x0409, 1, len(text), 0) if name else b""
    names = struct.pack(">HHH", 0, len(record) // 12, 6 + len(record)) + record + text
    head = struct.pack(">IHHHH", 0x00010000, 2, 16, 0, 0)
    cmap = struct.pack(">4sIII", b"cmap", 0, 44, len(table))
    called = struct.pack(">4sIII", b"name", 0, 44 + len(table), len(names))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + cmap + called + table + names)
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


def test_arabic_and_hebrew_come_along(tmp_path: Path) -> None:
    chosen = choose("שלום مرحبا", "he", [tmp_path])

    assert chosen.fallback == ("Noto Sans Arabic", "Noto Sans Hebrew")
    assert chosen.omitted == ""
    assert {path.parent for path in chosen.files} == {BUNDLED}


def test_another_script_is_drawn_with_its_own_noto_font(tmp_path: Path) -> None:
    a_font(tmp_path / "noto" / "NotoSansThai-Bold.ttf", "ไทย")

    assert choose("ไทย", "en", [tmp_path]).fallback == ("Noto Sans Thai",)


def test_any_font_in_an_added_folder_is_used_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_font(tmp_path / "a.otf", "ᚠ", "Runes of the House")
    a_font(tmp_path / "b.ttf", "ᛒ")
    (tmp_path / "broken.ttf").write_bytes(b"PK")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))

    assert choose("ᚠᛒ", "en", []).fallback == ("Runes of the House", "b")
    assert choose("ᚠᛒ", "en", [], added=()).omitted == "ᚠᛒ"


@pytest.mark.parametrize(
    ("face", "file"), [("serif", "NotoSerifDisplay-Bold.ttf"), ("mono", "JetBrainsMono-Bold.ttf")]
)
def test_a_face_brings_its_own_fonts(face: Face, file: str) -> None:
    names = choose("Plain", "en", [], face=face).hashes().keys()

    assert file in names
    assert "InterDisplay-Bold.otf" in names


def test_the_older_kind_of_character_map_is_read_too() -> None:
    hebrew = coverage(BUNDLED / "NotoSansHebrew-Bold.ttf")

    assert "ש" in hebrew
    assert "日" not in hebrew
    assert "\uffff" not in hebrew
