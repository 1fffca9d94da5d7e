"""What ANALYZE is to look at, for migrations: the columns that statements search by, and briefly.

A table of jobs that grows by thousands a minute is analyzed every few seconds. By default that
sorts 30,000 values of every column, long JSON among them, for estimates that nobody asks for: our
statements find rows by key, and are planned without a look at values.
"""

from collections.abc import Iterable

from alembic import op

BRIEF = 10
"""Of the usual 100: buckets of a histogram, and a tenth of the rows looked at."""


def analyze_only(table: str, columns: Iterable[str]) -> None:
    """Keep (brief) statistics of these columns of the table, and none of the others."""
    searched = ", ".join(f"'{column}'" for column in columns)
    op.execute(f"""
DO $$
DECLARE change text;
BEGIN
  SELECT string_agg(format('ALTER COLUMN %I SET STATISTICS %s', attname,
    CASE WHEN attname IN ({searched}) THEN {BRIEF} ELSE 0 END), ', ') INTO change
  FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped;
  EXECUTE 'ALTER TABLE {table} ' || change;
END $$
""")
