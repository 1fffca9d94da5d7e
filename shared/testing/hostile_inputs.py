"""Inputs that nobody means well, made of a generator's own schema and a good input of it."""

import math
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

import jsonschema
from pydantic import BaseModel, ValidationError

from shared.testing.generator_runs import Input

Path = tuple[str | int, ...]

NASTY = (
    "../../../etc/passwd http://127.0.0.1:9/x file:///etc/passwd \u202e\u2066\x07\x1b[31m"
    '#read("/etc/passwd") {{7*7}} <script>%s%n'
)
_NUMBERS = (math.nan, math.inf, -math.inf, 1e308, -1e308, 10**400, -(10**400))
_MOST_ITEMS = 100_000
_OTHERS: dict[str, tuple[Any, ...]] = {
    "string": (["x"], {"x": "x"}),
    "integer": ("many", [1], {"x": 1}),
    "number": ("many", [1], {"x": 1}),
    "boolean": ("perhaps", [True]),
    "array": ("x", 1, {"x": "x"}),
    "object": ("x", 1, ["x"]),
}


def impossible(schema: dict[str, Any], good: Input) -> Iterator[tuple[str, dict[str, Any]]]:
    """Inputs that have to be refused, and what is wrong with each."""
    validator = jsonschema.Draft202012Validator(schema)
    yield "an unknown field", {**good, "surprise_": 1}
    for name, field in schema.get("properties", {}).items():
        for what, value in _misfits(list(_options(field, schema)), good.get(name)):
            if not validator.is_valid(changed := {**good, name: value}):
                yield f"{name} {what}", changed
    for path, value in _leaves(good):
        if isinstance(value, int | float) and not isinstance(value, bool):
            for number in _NUMBERS:
                yield f"{number!r:.20} at {path}", _with(good, path, number)


def nasty(model: type[BaseModel], schema: dict[str, Any], good: Input) -> dict[str, Any] | None:
    """The good input with nasty text wherever its model takes any; None: it takes none."""
    validator = jsonschema.Draft202012Validator(schema)
    found = dict(good)
    places = [path for path, value in _leaves(good) if isinstance(value, str)]
    places += [(name,) for name in schema.get("properties", {}) if name not in good]
    for path in places:
        for text in (NASTY, NASTY[:20]):
            changed = _with(found, path, text)
            if validator.is_valid(changed) and _is_read(model, changed):
                found = changed
                break
    return found if found != good else None


def _is_read(model: type[BaseModel], input: Input) -> bool:
    try:
        model.model_validate(dict(input))
    except ValidationError:
        return False
    return True


def _wrong_types(types: set[Any]) -> list[Any]:
    """Values that none of these types can be made of."""
    fitting = {"string": str, "array": list, "object": dict, "integer": int, "number": int}
    kinds = {fitting[one] for one in types if one in fitting}
    candidates = [value for one in sorted(types & _OTHERS.keys()) for value in _OTHERS[one]]
    return [value for value in candidates if type(value) not in kinds]


def _misfits(options: list[dict[str, Any]], good: Any) -> Iterator[tuple[str, Any]]:
    types = {one.get("type") for one in options}
    for value in _wrong_types(types) if None not in types else ():
        yield "of a wrong type", value
    for option in options:
        yield from _outside(option, good)


def _outside(option: dict[str, Any], good: Any) -> Iterator[tuple[str, Any]]:
    """Just past the bounds."""
    if option.get("type") == "string" and "maxLength" in option and "enum" not in option:
        yield "that is too long", "x" * (option["maxLength"] + 1)
    if option.get("type") in {"integer", "number"} and {"minimum", "maximum"} <= option.keys():
        yield "that is too small", option["minimum"] - 1
        yield "that is too large", option["maximum"] + 1
    if isinstance(good, list) and good and option.get("maxItems", math.inf) < _MOST_ITEMS:
        yield "of too many", [good[0]] * (option["maxItems"] + 1)


def _options(field: dict[str, Any], schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a field may be, references followed."""
    if "$ref" in field:
        named = schema.get("$defs", {}).get(field["$ref"].rpartition("/")[2], {})
        yield from _options(named, schema)
        return
    branches = field.get("anyOf") or field.get("oneOf")
    if branches is None:
        yield field
        return
    for branch in branches:
        yield from _options(branch, schema)


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """All that is no list and no object, and where it is."""
    inside: Iterable[tuple[str | int, Any]]
    match value:
        case dict():
            inside = value.items()
        case list() | tuple():
            inside = enumerate(value)
        case _:
            yield path, value
            return
    for key, item in inside:
        yield from _leaves(item, (*path, key))


def _with(good: Input, path: Path, value: Any) -> dict[str, Any]:
    changed: Any = deepcopy(dict(good))
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return dict(changed)
