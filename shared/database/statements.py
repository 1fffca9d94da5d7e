"""Statements with names, as Postgres takes them: with numbers.

Repositories write `sqlalchemy.text` with `:names`; it is rendered once by SQLAlchemy and then sent
as it is. Neighbour: `connection` prepares what comes out of here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect

_DIALECT = dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL with `$1`, `$2`, … and the names that they stand for."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, parameters: Mapping[str, Any]) -> Sequence[Any]:
        """The values in the order of their numbers."""
        return [parameters[name] for name in self.names]


def rendered(clause: TextClause) -> Rendered:
    """The statement as the driver wants it."""
    return _render(clause.text)


@lru_cache(maxsize=1024)
def _render(sql: str) -> Rendered:
    compiled = text(sql).compile(dialect=_DIALECT)
    return Rendered(str(compiled), tuple(compiled.positiontup or ()))
