"""Columns of a batch on their way into `unnest`: what all rows have in common is sent once.

Each element of an array is work for the driver and for Postgres; `unnest` fills up what is shorter
with NULL. Neighbours: repositories, which keep one column at least (the ids) as long as the batch.
"""

from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value")


def once_if_same(values: Sequence[Value]) -> Sequence[Value]:
    """A column without NULL; one value where all are the same: the statement reads it `filled`."""
    return values[:1] if values and values.count(values[0]) == len(values) else values


def once_if_absent(values: Sequence[Value | None]) -> Sequence[Value | None]:
    """A column that may have NULL; one NULL where all of them are."""
    return [None] if values.count(None) == len(values) else values


def filled(column: str, parameter: str, kind: str) -> str:
    """SQL for the value of a row, where its column was sent by `once_if_same`."""
    return f"coalesce({column}, (CAST(:{parameter} AS {kind}[]))[1])"
