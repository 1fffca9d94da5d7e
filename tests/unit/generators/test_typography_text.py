"""What people type is made safe to set, and stays what they meant."""

import pytest

from services.generator.generators.typography.text import (
    BREAK,
    breakable,
    cleaned,
    initial,
    language,
    needs_room,
    shown_address,
    unbreakable_pieces,
    whole_words,
)

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
BURNING_HEART = "\u2764\ufe0f\u200d\U0001f525"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("two\nlines\tand  spaces ", "two lines and spaces"),
        ("\u202eevil\u202c \u2066isolate\u2069", "evil isolate"),
        ("null\x00 bell\x07 escape\x1b[31m", "null bell escape [31m"),
        ("zero\u200bwidth\ufeff soft\u00adhyphen", "zerowidth softhyphen"),
        ("a\u0301\u0302\u0303\u0304\u0305", "á\u0302\u0303"),
        ("private \ue000 use", "private use"),
        (f"{FAMILY} {BURNING_HEART}", f"{FAMILY} {BURNING_HEART}"),
        ("join\u200dnothing", "joinnothing"),
        ("e\u0301", "é"),
        (
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 x\u200cy",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 xy",
        ),
    ],
)
def test_only_what_can_be_drawn_is_kept(typed: str, kept: str) -> None:
    assert cleaned(typed) == kept


def test_cleaning_twice_changes_nothing_more() -> None:
    typed = f"A\u0301\u0302 {FAMILY}\u202e {BURNING_HEART} x\n"

    assert cleaned(cleaned(typed)) == cleaned(typed)


def test_only_long_words_may_break_anywhere() -> None:
    word = "Donaudampfschifffahrt"

    assert breakable(f"Die {word}") == "Die " + BREAK.join(word)


def test_a_break_never_parts_a_letter_from_its_accent_nor_a_family() -> None:
    text = breakable("x\u0302" * 10 + FAMILY)

    assert f"{BREAK}\u0302" not in text
    assert FAMILY in text


def test_pieces_are_what_a_line_cannot_break() -> None:
    assert unbreakable_pieces("well-known 日本 things") == ["things", "known", "well-", "日", "本"]


def test_korean_words_stay_whole() -> None:
    assert whole_words("브로커 abc") == "브\u2060로\u2060커 abc"


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("Hi", "en"),
        ("日本", "zh"),
        ("日本の", "ja"),
        ("한국", "ko"),
        ("3 שלום", "he"),
        ("مرحبا Go", "ar"),
        ("Go مرحبا", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_told_by_its_letters(text: str, tongue: str) -> None:
    assert language(text) == tongue


@pytest.mark.parametrize(
    ("text", "tall"),
    [("Plain", False), ("élan", False), ("Élan", True), ("日", True), ("🚀", True)],
)
def test_tall_letters_ask_for_room(text: str, tall: bool) -> None:
    assert needs_room(text) is tall


def test_an_address_is_shown_as_people_write_it() -> None:
    assert shown_address("https://www.northwind.dev/blog/") == "northwind.dev/blog"
    assert shown_address("@ada") == "@ada"


def test_a_brand_without_letters_has_no_initial() -> None:
    assert initial("north") == "N"
    assert initial("«ß»") == "S"
    assert initial("!!!") == ""
