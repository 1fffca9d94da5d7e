"""Where in an input its generator's schema expects ids of assets.

The schema itself is asked, with its own validator: whatever it is made of, a place counts exactly
where a value is held against the format of asset ids.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import orjson

from services.api.service.json_rules import escape_pointer
from shared.errors import FieldError
from shared.generators.inputs import FORMAT


class AssetPlaces:
    """The places of one schema. Raises `ValueError` when made of what is no schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._seen: set[str] = set()
        self._bad: Mapping[str, str] = {}
        self._validator = jsonschema_rs.validator_for(
            schema, formats={FORMAT: self._look_at}, validate_formats=True, retriever=refuse
        )

    @classmethod
    def of(cls, schema: dict[str, Any]) -> "AssetPlaces | None":
        """None for a schema that knows no assets, as most do."""
        return cls(schema) if FORMAT.encode() in orjson.dumps(schema) else None

    def ids_in(self, value: Any) -> set[str]:
        """All asset ids in a valid input."""
        self._seen, self._bad = set(), {}
        for _ in self._validator.iter_errors(value):
            pass
        return self._seen

    def errors(self, value: Any, problems: Mapping[str, str]) -> list[FieldError]:
        """What is wrong with these ids, at each field that has to name another one instead."""
        self._bad = problems
        return [
            FieldError(_pointer(at), problems[_value_at(value, at)])
            for error in self._validator.iter_errors(value)
            for at in _places(error)
        ]

    def _look_at(self, value: str) -> bool:
        self._seen.add(value)
        return value not in self._bad


def refuse(uri: str) -> Any:
    """Schemas are complete: nothing is fetched for them."""
    raise ValueError(f"references to other documents are not followed: {uri}")


def _places(error: Any) -> Iterator[list[Any]]:
    """Of an error, or of the branches of an optional that all fail: where an id was looked at."""
    kind = error.kind
    if kind.name == "format" and kind.format == FORMAT:
        yield list(error.instance_path)
    for branch in getattr(kind, "context", ()):
        for nested in branch:
            yield from _places(nested)


def _pointer(at: list[Any]) -> str:
    return "/input" + "".join(f"/{escape_pointer(part)}" for part in at)


def _value_at(value: Any, at: list[Any]) -> Any:
    for part in at:
        value = value[part]
    return value
