"""What JSON has to be so that it can be kept and handed on unchanged."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.service.json_rules import DEEPEST, broken_rules, looks_plain


@pytest.mark.parametrize(
    ("value", "pointer", "words"),
    [
        ({"a": "x\x00y"}, "/input/a", "U+0000"),
        ({"a": ["ok", "\ud800"]}, "/input/a/1", "surrogate"),
        ({"a": float("nan")}, "/input/a", "finite"),
        ({"a": float("inf")}, "/input/a", "finite"),
        ({"a": 2**63}, "/input/a", "64 bits"),
        ({"a/b~c": "\x00"}, "/input/a~1b~0c", "U+0000"),
        ({"bad\x00name": 1}, "/input", "field's name"),
    ],
)
def test_what_cannot_be_kept_is_named(value: Any, pointer: str, words: str) -> None:
    [error] = broken_rules(value, "/input")

    assert error.pointer == pointer
    assert words in error.message
    assert not looks_plain(value)


def test_bottomless_nesting_is_refused_without_following_it() -> None:
    value: Any = {}
    for _ in range(5000):
        value = {"a": value}

    [error] = broken_rules(value, "/input")

    assert "levels deep" in error.message
    assert not looks_plain(value)


def test_ordinary_json_passes() -> None:
    value = {"a": [1, -1.5, None, True, "ünïcödé 🎴", {"b": 2**63 - 1}]}

    assert list(broken_rules(value, "/input")) == []


LEAVES = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=3), st.integers(-(2**65), 2**65)
)


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(LEAVES, lambda part: st.lists(part) | st.dictionaries(st.text(max_size=2), part)),
    st.integers(0, DEEPEST + 1),
)
def test_what_looks_plain_can_be_kept(value: Any, levels: int) -> None:
    for _ in range(levels):
        value = [value]

    assert not (looks_plain(value) and list(broken_rules(value, "/input")))


def test_most_of_what_is_asked_for_looks_plain() -> None:
    assert looks_plain({"title": "ünïcödé 🎴", "size": [1200, 630], "scale": 1.5, "dark": True})
