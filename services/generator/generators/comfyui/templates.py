"""Workflow templates: the operator's workflow, and the fields of it that users may fill.

A value is written into an input of a node; it is never text that becomes part of a workflow.
"""

import copy
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from services.generator.generators.comfyui.inputs import ComfyUiInput, Name
from services.generator.generators.remote.prompts import lines_of
from shared.errors import InvalidInputError, PermanentError


class BadTemplateError(PermanentError):
    """The template cannot be used: its operator has to look."""

    code = "bad_template"
    title = "Bad template"


class _Field(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    into: list[tuple[str, str]] = Field(min_length=1, description="Node and input, one or more.")
    description: str = ""


class TextField(_Field):
    type: Literal["text"]
    default: str | None = None
    max_length: int = Field(2000, ge=1, le=8000)

    def read(self, value: object) -> Any:
        if not isinstance(value, str):
            raise ValueError("is no text")
        if len(value) > self.max_length:
            raise ValueError(f"has {len(value)} characters, {self.max_length} are allowed")
        return lines_of(value)


class IntegerField(_Field):
    type: Literal["integer"]
    default: int | None = None
    minimum: int
    maximum: int

    def read(self, value: object) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError("is no whole number")
        return _within(value, self.minimum, self.maximum)


class NumberField(_Field):
    type: Literal["number"]
    default: float | None = None
    minimum: float
    maximum: float

    def read(self, value: object) -> Any:
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise ValueError("is no number")
        return _within(value, self.minimum, self.maximum)


class ChoiceField(_Field):
    type: Literal["choice"]
    default: str | None = None
    choices: dict[str, Any] = Field(
        min_length=1, description="What users say, and what the workflow is told for it."
    )

    def read(self, value: object) -> Any:
        if not isinstance(value, str) or value not in self.choices:
            raise ValueError(f"is none of {', '.join(self.choices)}")
        return self.choices[value]


class SwitchField(_Field):
    type: Literal["switch"]
    default: bool | None = None

    def read(self, value: object) -> Any:
        if not isinstance(value, bool):
            raise ValueError("is neither true nor false")
        return value


class ImageField(_Field):
    type: Literal["image"]
    required: bool = True


class SeedField(_Field):
    type: Literal["seed"]


ValueField = TextField | IntegerField | NumberField | ChoiceField | SwitchField
AnyField = Annotated[ValueField | ImageField | SeedField, Field(discriminator="type")]


class Template(BaseModel):
    """One file of the folder."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    description: str = ""
    all_fields: dict[Name, AnyField] = Field(alias="fields")
    outputs: list[str] = Field(default_factory=list, description="Nodes; all by default.")
    workflow: dict[str, dict[str, Any]] = Field(description="As ComfyUI exports it (API).")

    @model_validator(mode="after")
    def _fields_lead_somewhere(self) -> Self:
        for name, field in self.all_fields.items():
            for node, _ in field.into:
                if node not in self.workflow:
                    raise ValueError(f"{name} goes into the node {node}, which is not there")
        return self

    @cached_property
    def pictures(self) -> dict[str, ImageField]:
        """Fields that take files."""
        return {key: one for key, one in self.all_fields.items() if isinstance(one, ImageField)}

    def values(self, input: ComfyUiInput, seed: int) -> dict[str, Any]:
        """What goes into each field, but for pictures. Raises `InvalidInputError`."""
        known = [key for key, one in self.all_fields.items() if isinstance(one, ValueField)]
        for name in input.values.keys() - known:
            raise InvalidInputError(
                f"values.{name}: {input.template} has no such field, it has {', '.join(known)}"
            )
        return {
            key: seed if isinstance(one, SeedField) else _value(key, one, input.values)
            for key, one in self.all_fields.items()
            if not isinstance(one, ImageField)
        }

    def check_files(self, input: ComfyUiInput) -> None:
        """Raises `InvalidInputError` for pictures that are missing, or have no field."""
        given = {file.field for file in input.files}
        for name in given - self.pictures.keys():
            raise InvalidInputError(f"files.{name}: {input.template} takes no such picture")
        for name, field in self.pictures.items():
            if field.required and name not in given:
                raise InvalidInputError(f"files: {input.template} needs the picture {name}")

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The workflow with these values in it."""
        workflow = copy.deepcopy(self.workflow)
        for name, value in values.items():
            for node, place in self.all_fields[name].into:
                workflow[node].setdefault("inputs", {})[place] = value
        return workflow


_TEMPLATE: TypeAdapter[Template] = TypeAdapter(Template)


def load(folder: Path, name: str) -> Template:
    """The template of that name. Raises `InvalidInputError` or `BadTemplateError`."""
    try:
        return _TEMPLATE.validate_python(json.loads((folder / f"{name}.json").read_bytes()))
    except FileNotFoundError:
        there = ", ".join(sorted(path.stem for path in folder.glob("*.json")))
        raise InvalidInputError(f"template: there is no {name}; use {there}") from None
    except ValidationError as error:
        [problem, *_] = error.errors(include_url=False, include_input=False)
        where = ".".join(map(str, problem["loc"])) or "file"
        raise BadTemplateError(
            f"The template {name} is wrong at {where}: {problem['msg']}"
        ) from None
    except ValueError:
        raise BadTemplateError(f"The template {name} is no JSON.") from None


def _value(name: str, field: ValueField, given: Mapping[str, object]) -> Any:
    value = given.get(name, field.default)
    if value is None:
        raise InvalidInputError(f"values.{name}: is missing")
    try:
        return field.read(value)
    except ValueError as error:
        raise InvalidInputError(f"values.{name}: {error}") from None


def _within(value: float, minimum: float, maximum: float) -> float:
    if not minimum <= value <= maximum:
        raise ValueError(f"{value} is not within {minimum} and {maximum}")
    return value
