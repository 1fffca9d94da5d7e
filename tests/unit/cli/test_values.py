"""`key=value`, read by a JSON Schema as pydantic writes it."""

from typing import Any, Literal

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from deploy.cli.values import read_pairs


class Point(BaseModel):
    x: float
    y: float = 0


class Input(BaseModel):
    text: str = ""
    maybe_text: str | None = None
    count: int = 0
    ratio: float = 0
    on: bool = False
    mode: Literal["a", "b"] = "a"
    level: Literal[1, 2] = 1
    either: int | str = 0
    points: list[Point] = []
    point: Point | None = None
    anything: Any = None


SCHEMA = Input.model_json_schema()


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("text=plain", "plain"),
        ("text=42", "42"),
        ("text=true", "true"),
        ("text=", ""),
        ("text=a=b", "a=b"),
        ('text="quoted"', '"quoted"'),
        ("maybe_text=null", None),
        ("maybe_text=7", "7"),
        ("count=7", 7),
        ("ratio=7", 7),
        ("ratio=0.5", 0.5),
        ("on=true", True),
        ("mode=b", "b"),
        ("level=2", 2),
        ("either=5", 5),
        ("either=five", "five"),
        ('points=[{"x": 1}]', [{"x": 1}]),
        ('point={"x": 1}', {"x": 1}),
        ("anything=[1]", [1]),
        ("unknown=word", "word"),
        ("unknown=3", 3),
    ],
)
def test_value_is_what_the_schema_means(pair: str, value: Any) -> None:
    key = pair.partition("=")[0]

    assert read_pairs([pair], SCHEMA) == {key: value}


@pytest.mark.parametrize("pair", ["count=1.5", "count=", "on=1", "point=3", "points=a,b", "=x"])
def test_what_no_field_can_hold_is_refused(pair: str) -> None:
    with pytest.raises(typer.BadParameter):
        read_pairs([pair], SCHEMA)


@given(st.text())
def test_any_text_reaches_a_text_field_as_it_was_typed(text: str) -> None:
    assert read_pairs([f"text={text}"], SCHEMA) == {"text": text}
