"""Complaints about an input name each field, in words."""

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from services.api.service.input_schema import MOST_ERRORS, InputSchema, InvalidSchemaError


class Frame(BaseModel):
    model_config = ConfigDict(extra="forbid")
    width: int = Field(ge=1)


class Picture(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(max_length=10)
    width: int = Field(default=1200, le=4096)
    subtitle: str | None = Field(default=None, max_length=3)
    frame: Frame | None = None
    tags: list[str] = Field(default_factory=list)


SCHEMA = InputSchema(Picture.model_json_schema())


def complaints(value: Any) -> dict[str, str]:
    return {error.pointer: error.message for error in SCHEMA.errors(value)}


def test_a_good_input_has_no_complaints() -> None:
    assert complaints({"title": "Hello", "subtitle": None, "frame": {"width": 3}}) == {}


def test_a_missing_field_is_named() -> None:
    assert complaints({}) == {"/input/title": "is required"}


def test_every_unknown_field_is_named() -> None:
    found = complaints({"title": "a", "colour": 1, "a/b": 2})

    assert found == {"/input/colour": "unknown field", "/input/a~1b": "unknown field"}


def test_wrong_types_and_bounds_are_named_together() -> None:
    found = complaints({"title": 5, "width": 99_999, "tags": ["a", 1]})

    assert found.keys() == {"/input/title", "/input/width", "/input/tags/1"}
    assert "4096" in found["/input/width"]


def test_an_optional_field_complains_about_the_type_that_was_meant() -> None:
    found = complaints({"title": "a", "subtitle": "too long", "frame": {"width": 0, "depth": 1}})

    assert "longer than 3" in found["/input/subtitle"]
    assert found["/input/frame/depth"] == "unknown field"
    assert "minimum of 1" in found["/input/frame/width"]


def test_an_optional_field_of_another_type_is_complained_about_as_a_whole() -> None:
    assert complaints({"title": "a", "frame": 7}).keys() == {"/input/frame"}


def test_complaints_are_bounded_in_number_and_length() -> None:
    many = SCHEMA.errors({"title": "x" * 10_000, "tags": list(range(1000))})

    assert len(many) == MOST_ERRORS
    assert all(len(error.message) < 400 for error in many)


def test_what_is_no_schema_is_refused() -> None:
    with pytest.raises(InvalidSchemaError):
        InputSchema({"type": "nonsense"})


def test_references_to_other_documents_are_not_followed() -> None:
    with pytest.raises(InvalidSchemaError):
        InputSchema({"$ref": "http://127.0.0.1:9/schema.json"})
