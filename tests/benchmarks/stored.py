"""Filling Darkroom's databases with jobs that ended long ago, as many as one likes, in minutes.

A job that really ran is the pattern: its rows in every table are copied with other ids, by
`generate_series`. So this follows the schema without knowing it: any column that a unique index
covers gets a new value, and `id` of `job` and `job_id` of any other table the id of the copy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg

_STEP = 100_000
_ROOM_FOR = 10_000_000
"""Copies are so many milliseconds older than the pattern that their ids are all smaller."""

_COLUMNS = """
SELECT c.relname AS table_name, a.attname AS name, format_type(a.atttypid, NULL) AS type,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique
    AND a.attnum = ANY(i.indkey)) AS is_unique
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
ORDER BY c.relname, a.attnum
"""
_NEW_VALUES = {"uuid": "gen_random_uuid()", "text": "gen_random_uuid()::text"}
_NEW_VALUES["character varying"] = _NEW_VALUES["text"]
_COPY_ID = (
    "(lpad(to_hex($2::bigint + n), 12, '0') || '7' || substr(md5(n::text), 1, 3)"
    " || '8' || substr(md5(n::text), 4, 15))::uuid"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    is_unique: bool


async def store_copies(databases: Mapping[str, str], pattern: UUID, first: int, last: int) -> None:
    """Copies number ``first`` to ``last`` of that job, in all databases; then vacuum and analyze.

    Copies are older than every UUIDv7 of today; the same number is the same job everywhere.
    """
    oldest = (pattern.int >> 80) - _ROOM_FOR
    for url in databases.values():
        connection = await asyncpg.connect(url)
        try:
            statements = await _statements(connection)
            for start in range(first, last + 1, _STEP):
                end = min(start + _STEP - 1, last)
                for statement in statements:
                    await connection.execute(statement, pattern, oldest, start, end)
            await connection.execute("VACUUM (ANALYZE)")
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()


async def _statements(connection: asyncpg.Connection) -> list[str]:
    tables: dict[str, list[Column]] = {}
    for row in await connection.fetch(_COLUMNS):
        column = Column(row["name"], row["type"], row["is_unique"])
        tables.setdefault(row["table_name"], []).append(column)
    return [
        copy_statement(table, columns, job_column)
        for table, columns in tables.items()
        if (job_column := job_column_of(table, columns))
    ]


def job_column_of(table: str, columns: list[Column]) -> str | None:
    """The column that says whose row it is; None for tables that are not about jobs."""
    wanted = "id" if table == "job" else "job_id"
    return wanted if any(column.name == wanted for column in columns) else None


def copy_statement(table: str, columns: list[Column], job_column: str) -> str:
    """For the pattern's id ($1), the oldest millisecond ($2), and the first and last number."""
    values = [_value(column, job_column) for column in columns]
    names = ", ".join(f'"{column.name}"' for column in columns)
    return (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(values)} FROM "{table}" AS pattern, '
        f'generate_series($3::bigint, $4::bigint) AS n WHERE pattern."{job_column}" = $1'
    )


def _value(column: Column, job_column: str) -> str:
    if column.name == job_column:
        return _COPY_ID
    if column.is_unique and column.type in _NEW_VALUES:
        return _NEW_VALUES[column.type]
    return f'pattern."{column.name}"'
