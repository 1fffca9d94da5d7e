"""An announced JSON Schema, compiled, and its complaints in words that name each field."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from services.api.service.asset_places import AssetPlaces, refuse
from services.api.service.json_rules import escape_pointer
from shared.errors import FieldError, PermanentError

MOST_ERRORS = 50
_LONGEST = 300


class InvalidSchemaError(PermanentError):
    """The announced input schema is not a JSON Schema."""

    code = "invalid_schema"
    title = "Invalid schema"


class InputSchema:
    """The input of one version of one generator. Raises `InvalidSchemaError` when made.

    `assets` are the places where it names files, None where it never does.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        try:
            self._validator = jsonschema_rs.validator_for(schema, retriever=refuse)
            self.assets = AssetPlaces.of(schema)
        except ValueError as error:
            raise InvalidSchemaError(f"not a JSON Schema: {str(error)[:500]}") from error

    def errors(self, value: Any) -> list[FieldError]:
        """What is wrong with `value`, field by field; `/input` is its place in the request."""
        if self._validator.is_valid(value):
            return []
        found = (field for error in self._validator.iter_errors(value) for field in _fields(error))
        return [field for field, _ in zip(found, range(MOST_ERRORS), strict=False)]


def _fields(error: jsonschema_rs.ValidationError) -> Iterator[FieldError]:
    pointer = "/input" + "".join(f"/{escape_pointer(part)}" for part in error.instance_path)
    kind: Any = error.kind
    match kind.name:
        case "additionalProperties" | "unevaluatedProperties":
            for name in kind.unexpected:
                yield FieldError(f"{pointer}/{escape_pointer(name)}", "unknown field")
        case "required":
            yield FieldError(f"{pointer}/{escape_pointer(kind.property)}", "is required")
        case "anyOf" | "oneOfNotValid" if branch := _likeliest(
            kind.context, len(error.instance_path)
        ):
            for nested in branch:
                yield from _fields(nested)
        case _:
            yield FieldError(pointer, _shortened(error.message))


def _likeliest(branches: list[list[Any]], depth: int) -> list[Any]:
    """Of an optional or a union at `depth`: the branch that the value was probably meant for.

    That is the only one whose type fits; without one, the whole is reported.
    """
    fitting = [
        branch
        for branch in branches
        if not any(
            error.kind.name in {"type", "const"} and len(error.instance_path) == depth
            for error in branch
        )
    ]
    return fitting[0] if len(fitting) == 1 else []


def _shortened(message: str) -> str:
    if len(message) <= _LONGEST:
        return message
    half = _LONGEST // 2
    return f"{message[:half]} … {message[-half:]}"
