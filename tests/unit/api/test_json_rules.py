"""What JSON has to be so that it can be kept and handed on unchanged."""

from typing import Any

import pytest

from services.api.service.json_rules import broken_rules


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


def test_bottomless_nesting_is_refused_without_following_it() -> None:
    value: Any = {}
    for _ in range(5000):
        value = {"a": value}

    [error] = broken_rules(value, "/input")

    assert "levels deep" in error.message


def test_ordinary_json_passes() -> None:
    value = {"a": [1, -1.5, None, True, "ünïcödé 🎴", {"b": 2**63 - 1}]}

    assert list(broken_rules(value, "/input")) == []
