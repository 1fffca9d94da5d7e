"""Statements are planned once, while their tables are small, and fit for tables that are not."""

from sqlalchemy import text

from shared.database.engine import close_engine, create_engine
from tests.conftest import MakeDatabase


async def test_a_table_that_was_small_when_it_was_first_asked_is_read_by_its_index(
    make_database: MakeDatabase,
) -> None:
    engine = create_engine(make_database("notifier"), application="planning")
    asked = text("EXPLAIN SELECT body FROM verdict WHERE job_id = CAST(:job_id AS uuid)")
    async with engine.connect() as connection:
        await connection.execute(text("ANALYZE verdict"))

        plan = await connection.execute(asked, {"job_id": "00000000-0000-7000-8000-000000000000"})

    assert "verdict_pkey" in str([row[0] for row in plan])
    await close_engine(engine)
