"""Answers as models, and options as what the API takes."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from shared.client.errors import UnexpectedAnswerError

T = TypeVar("T")


def given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was said."""
    return {key: value for key, value in values.items() if value is not None}


def read(kind: type[T], answer: Any) -> T:
    """The answer as that model. Raises `UnexpectedAnswerError`."""
    try:
        return TypeAdapter(kind).validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UnexpectedAnswerError(
            f"the API's answer is not what this client knows: {place}: {first['msg']}"
        ) from error
