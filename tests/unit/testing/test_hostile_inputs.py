"""Hostile inputs are made of whatever a schema is made of, and of good inputs."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.generators import AssetId
from shared.testing.hostile_inputs import NASTY, impossible, nasty

ID = "019ab7f0-0000-7000-8000-000000000001"


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")
    label: str = Field(max_length=30)
    share: float = Field(ge=0, le=1)


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=500)
    code: str = Field(default="AB", pattern="^[A-Z]{2}$")
    kind: Literal["a", "b"] = "a"
    note: str | None = Field(default=None, max_length=100)
    source: AssetId | None = None
    parts: list[Part] = Field(default_factory=list, max_length=3)
    main: Part | None = None
    count: int = Field(default=1, ge=1, le=5)
    either: int | Literal["many"] = 1
    bold: bool = False
    anything: Any = None


GOOD = {"title": "x", "code": "DE", "source": ID, "parts": [{"label": "p", "share": 0.5}]}
SCHEMA = Whole.model_json_schema()


def found() -> dict[str, dict[str, Any]]:
    return dict(impossible(SCHEMA, GOOD))


def test_each_is_refused_by_a_model_that_says_what_it_takes() -> None:
    for what, asked in found().items():
        try:
            Whole.model_validate(asked)
        except ValidationError:
            continue
        raise AssertionError(what)


def test_every_kind_of_field_is_tried() -> None:
    tried = set(found())

    assert {
        "an unknown field",
        "title of a wrong type",
        "title that is too long",
        "note that is too long",
        "parts of a wrong type",
        "parts of too many",
        "main of a wrong type",
        "count that is too small",
        "count that is too large",
        "bold of a wrong type",
        "nan at ('parts', 0, 'share')",
    } <= tried
    assert not [what for what in tried if what.startswith(("anything", "kind that"))]


def test_a_good_input_is_left_as_it_is() -> None:
    before = repr(GOOD)

    found()
    nasty(Whole, SCHEMA, GOOD)

    assert repr(GOOD) == before


def test_nasty_text_goes_wherever_a_text_may_be_anything() -> None:
    asked = nasty(Whole, SCHEMA, GOOD)

    assert asked is not None
    assert asked["title"] == NASTY
    assert asked["note"] == asked["parts"][0]["label"] == NASTY[:20]
    assert (asked["code"], asked["source"]) == ("DE", ID)
    assert "kind" not in asked
    Whole.model_validate(asked)


def test_a_model_of_numbers_takes_no_nasty_text() -> None:
    class Number(BaseModel):
        model_config = ConfigDict(extra="forbid")
        value: float

    assert nasty(Number, Number.model_json_schema(), {"value": 1}) is None
