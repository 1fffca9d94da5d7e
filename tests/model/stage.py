"""Where the machines act: real databases whose `now()` is the model's, and a loop of their own.

Nothing ever sleeps. In every database a function `model.now()` comes before Postgres's own in the
search path, so the services' statements, unchanged, read the clock that Python reads too; a lease
expires because the machine says so. Between two examples the tables are emptied, not made again.
"""

from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

import asyncpg
import orjson
import uvloop
from sqlalchemy import MetaData
from sqlalchemy.engine import make_url

from services.api.models.tables import ApiTable
from services.generator.models import GeneratorTable
from services.notifier.models import NotifierTable
from shared.database.engine import Engine, create_engine
from shared.testing import MOMENT, FixedClock
from tests.backends.databases import execute

_COUNT_ANEW = "SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'"
_TABLES: Mapping[str, MetaData] = {
    "api": ApiTable.metadata,
    "generator": GeneratorTable.metadata,
    "notifier": NotifierTable.metadata,
}
_CLOCK = (
    "CREATE SCHEMA model",
    f"CREATE TABLE model.clock AS SELECT timestamptz '{MOMENT.isoformat()}' AS moment",
    """CREATE FUNCTION model.now() RETURNS timestamptz LANGUAGE sql STABLE
       AS 'SELECT moment FROM model.clock'""",
    """DO $$ DECLARE c record; BEGIN
       FOR c IN SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_default = 'now()'
       LOOP EXECUTE format('ALTER TABLE %I ALTER %I SET DEFAULT model.now()',
         c.table_name, c.column_name); END LOOP; END $$""",
)

Answer = TypeVar("Answer")


class Stage:
    """Engines by service, one clock for all of them, and the loop that everything runs in."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self.clock = FixedClock()
        self.engines: dict[str, Engine] = {}
        self._eyes: dict[str, asyncpg.Connection[asyncpg.Record]] = {}
        self._loop = uvloop.new_event_loop()
        for service, url in urls.items():
            address = make_url(url)
            path = (
                f'ALTER DATABASE "{address.database}" SET search_path = model, public, pg_catalog'
            )
            execute(url, *_CLOCK, path)
            self.engines[service] = create_engine(url, application="model")
            dsn = address.set(drivername="postgresql").render_as_string(hide_password=False)
            self._eyes[service] = self.run(asyncpg.connect(dsn))

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Carry it out, from code that is not asynchronous."""
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        """Let go of the databases."""
        for service, engine in self.engines.items():
            self.run(engine.dispose())
            self.run(self._eyes[service].close())
        self._loop.close()

    async def reset(self) -> None:
        """Empty tables, and the time at which every example begins."""
        self.clock.moment = MOMENT
        for service, eye in self._eyes.items():
            tables = _TABLES[service].tables
            emptied = [f'DELETE FROM "{table}"' for table in tables]
            await eye.execute("; ".join([*emptied, _COUNT_ANEW]))
        await self.advance(timedelta(0))

    async def advance(self, duration: timedelta) -> datetime:
        """Let time pass, for Python and for every database."""
        moment = self.clock.advance(duration)
        for eye in self._eyes.values():
            await eye.execute("UPDATE model.clock SET moment = $1", moment)
        return moment

    async def look(self, service: str, statement: str) -> Any:
        """The one value that a statement of the model's own reads, from JSON."""
        return orjson.loads(await self._eyes[service].fetchval(statement))
