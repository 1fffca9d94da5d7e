"""What a statement answers: rows by column name, and how many it touched."""

from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg


class Row(asyncpg.Record):  # type: ignore[misc]
    """One row: `row["id"]` and `row.id` are the same."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Rows(list[Any]):
    """Rows, or values of one column."""

    def all(self) -> list[Any]:
        return self

    def one(self) -> Any:
        """The only one. Raises `ValueError` when there are more, or none."""
        [row] = self
        return row

    def one_or_none(self) -> Any | None:
        """The only one, or None. Raises `ValueError` when there are more."""
        return self.one() if self else None


class Result:
    """The answer to one statement."""

    __slots__ = ("_rows", "_status")

    def __init__(self, rows: Sequence[Row], status: str) -> None:
        self._rows = rows
        self._status = status

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    @property
    def rowcount(self) -> int:
        """How many rows the statement inserted, changed, deleted or answered."""
        return int(self._status.rpartition(" ")[2])

    def all(self) -> list[Any]:
        return list(self._rows)

    def mappings(self) -> Rows:
        """The rows, to be read by column name."""
        return Rows(self._rows)

    def scalars(self) -> Rows:
        """The first column."""
        return Rows(row[0] for row in self._rows)

    def one(self) -> Any:
        """The only row. Raises `ValueError` when there are more, or none."""
        return self.mappings().one()

    def scalar_one(self) -> Any:
        """The first column of the only row. Raises `ValueError` when there are more, or none."""
        return self.one()[0]
