"""The WHERE of a listing: the conditions whose filter is given, and their parameters."""

from collections.abc import Mapping
from typing import Any

import orjson

from shared.database.jsonb import to_jsonb


def conditions_for(
    wanted: object, conditions: Mapping[str, str], *always: str
) -> tuple[str, dict[str, Any]]:
    """SQL that holds for `wanted`, and what it binds.

    `conditions` has SQL for each of its fields that may be None (no filter); `always` hold anyway.
    """
    values = {name: value for name in conditions if (value := getattr(wanted, name)) is not None}
    return " AND ".join([*always, *(conditions[name] for name in values)]) or "true", values


def metadata_conditions(wanted: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    """SQL for each pair of metadata, and what it binds.

    `7` is the text as well as the number. Containment costs a fifth of taking the value out.
    """
    conditions, values = [], {}
    for index, (key, value) in enumerate(wanted.items()):
        values[f"text_{index}"] = to_jsonb({key: value})
        values[f"json_{index}"] = to_jsonb({key: _scalar(value)})
        either = [f"metadata @> CAST(:{kind}_{index} AS jsonb)" for kind in ("text", "json")]
        conditions.append(f"({' OR '.join(either)})")
    return conditions, values


def _scalar(text: str) -> Any:
    """The number, true, false or null that it may be meant to be, else the text itself."""
    try:
        value = orjson.loads(text)
    except ValueError:
        return text
    return text if isinstance(value, dict | list) else value
