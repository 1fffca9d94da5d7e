"""`key=value` on the command line, read as the generator's JSON Schema means it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer

Schema = Mapping[str, Any]
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
_ARTICLES = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}


def read_pairs(pairs: Iterable[str], schema: Schema) -> dict[str, Any]:
    """The input that the pairs describe. Raises `typer.BadParameter` for what cannot be meant.

    A key that the schema does not know is passed on: the API says what is wrong with it.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key:
            raise typer.BadParameter(f"{pair!r} is not key=value")
        if key in values:
            raise typer.BadParameter(f"{key} is given twice")
        values[key] = read_value(key, text, schema.get("properties", {}).get(key, {}), schema)
    return values


def read_value(key: str, text: str, field: Schema, schema: Schema) -> Any:
    """One value: text where a string may stand, else JSON of the right type."""
    wanted = set(types_of(field, schema))
    parsed, kind = _parse(text)
    if kind in wanted or (kind == "integer" and "number" in wanted):
        return text if kind == "string" else parsed
    if "string" in wanted:
        return text
    if not wanted:
        return text if kind == "string" else parsed
    raise typer.BadParameter(f"{key} must be {_words(wanted)}, not {text!r}")


def types_of(field: Schema, schema: Schema) -> Iterator[str]:
    """The JSON types that a field may have; none when the schema leaves it open."""
    if reference := field.get("$ref"):
        yield from types_of(resolve(reference, schema), schema)
    for key in ("anyOf", "oneOf", "allOf"):
        for branch in field.get(key, ()):
            yield from types_of(branch, schema)
    named = field.get("type", ())
    yield from [named] if isinstance(named, str) else named
    constants = [*field.get("enum", ()), *([field["const"]] if "const" in field else ())]
    yield from (_kind(value) for value in constants)


def resolve(reference: str, schema: Schema) -> Schema:
    """What a `$ref` into the same schema means; nothing, where it leads nowhere."""
    found: Any = schema
    for word in reference.removeprefix("#/").split("/"):
        found = found.get(word, {})
    return found if isinstance(found, Mapping) else {}


def _parse(text: str) -> tuple[Any, str]:
    try:
        value = json.loads(text)
    except ValueError:
        return text, "string"
    return value, _kind(value)


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "object")


def _words(kinds: set[str]) -> str:
    shown = [_ARTICLES.get(kind, f"JSON ({kind})") for kind in sorted(kinds - {"null"})]
    return " or ".join(shown)
