"""Reading what is asked for out of JSON, with every bad field named."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from services.api.errors import MalformedJsonError
from services.api.service.json_rules import escape_pointer
from shared.errors import FieldError, InvalidInputError

_MESSAGES = {
    "extra_forbidden": "unknown field",
    "missing": "is required",
    "model_type": "has to be a JSON object",
    "dict_type": "has to be a JSON object",
}


def parse_json(body: bytes) -> Any:
    """The JSON in `body`. Raises `MalformedJsonError`."""
    try:
        return from_json(body)
    except ValueError as error:
        raise MalformedJsonError(f"The body is not JSON: {error}.") from error


def read_model(model: type[BaseModel], body: bytes) -> Any:
    """`body` as a `model`: JSON's types are taken as they are, nothing is coerced.

    Raises `MalformedJsonError`, or `InvalidInputError` that names each bad field.
    """
    try:
        return model.__pydantic_validator__.validate_json(body, strict=True)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        if problems[0]["type"] == "json_invalid":
            reason = problems[0].get("ctx", {}).get("error", "")
            raise MalformedJsonError(f"The body is not JSON: {reason}.") from error
        raise invalid(field_errors(problems)) from error


def invalid(errors: Iterable[FieldError]) -> InvalidInputError:
    """The error that names these fields; the detail reads by itself."""
    errors = list(errors)
    named = "; ".join(f"{error.pointer or 'body'}: {error.message}" for error in errors[:3])
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    return InvalidInputError(f"{named}{more}", errors=errors)


def field_errors(problems: Iterable[Mapping[str, Any]]) -> Iterator[FieldError]:
    """What pydantic found, by JSON Pointer and in our words."""
    for problem in problems:
        pointer = "".join(f"/{escape_pointer(part)}" for part in problem["loc"])
        message = _MESSAGES.get(problem["type"]) or problem["msg"]
        yield FieldError(pointer, message.removeprefix("Value error, "))
