"""The WHERE of a listing: the conditions whose filter is given, and their parameters."""

from collections.abc import Mapping
from typing import Any


def conditions_for(
    wanted: object, conditions: Mapping[str, str], *always: str
) -> tuple[str, dict[str, Any]]:
    """SQL that holds for `wanted`, and what it binds.

    `conditions` has SQL for each of its fields that may be None (no filter); `always` hold anyway.
    """
    values = {name: value for name in conditions if (value := getattr(wanted, name)) is not None}
    return " AND ".join([*always, *(conditions[name] for name in values)]) or "true", values
