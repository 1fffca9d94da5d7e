"""Which generators the in-memory Darkroom knows, and what they accept.

What is installed here is known with its real JSON Schema, so that a unit test finds a wrong field
name; a test adds others.
"""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from shared.errors import FieldError, InvalidInputError, NotFoundError
from shared.testing.in_memory.refusals import UnknownGeneratorError

GROUP = "darkroom.generators"
ANYTHING: Mapping[str, Any] = {"type": "object"}


class Knowledge:
    """Generators by name, as `GET /v1/generators/{name}` answers them."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Any]] = {}

    def learn(self, name: str, schema: Mapping[str, Any], version: str) -> None:
        self._known[name] = _described(name, schema, version=version)

    def names(self) -> list[str]:
        """All of them, in order."""
        return sorted({*self._known, *(one.name for one in entry_points(group=GROUP))})

    def get(self, name: str) -> dict[str, Any]:
        """One of them. Raises `NotFoundError`."""
        found = self._find(name)
        if found is None:
            raise NotFoundError(f"There is no generator {name!r}.")
        return found

    def check(self, name: str, input: Mapping[str, Any]) -> None:
        """Raises `UnknownGeneratorError`, or `InvalidInputError` that names each bad field."""
        found = self._find(name)
        if found is None:
            names = ", ".join(self.names())
            raise UnknownGeneratorError(
                f"There is no generator {name!r}. Available: {names}.",
                errors=[FieldError("/generator", f"unknown; available: {names}")],
            )
        if errors := _errors(found["input_schema"], input):
            named = "; ".join(f"{error.pointer}: {error.message}" for error in errors[:3])
            raise InvalidInputError(named, errors=errors)

    def _find(self, name: str) -> dict[str, Any] | None:
        if name not in self._known:
            for installed in entry_points(group=GROUP, name=name):
                kind = installed.load()
                self._known[name] = _described(
                    name,
                    kind.input_model.model_json_schema(),
                    version=kind.version,
                    description=kind.description,
                    media_types=list(kind.media_types),
                    example=kind.example,
                )
        return self._known.get(name)


def _described(name: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    described = {"description": "", "media_types": [], "example": {}, "paused": False, **more}
    return {"name": name, "input_schema": dict(schema), "max_cost": None, **described}


def _errors(schema: Mapping[str, Any], input: Mapping[str, Any]) -> list[FieldError]:
    if schema == ANYTHING:
        return []
    import jsonschema_rs  # noqa: PLC0415 - of the extra `api`: who checks schemas needs it

    found = jsonschema_rs.validator_for(dict(schema)).iter_errors(dict(input))
    return [
        FieldError("".join(f"/{part}" for part in ("input", *error.instance_path)), error.message)
        for error in found
    ]
