"""Brings a service's database to the newest schema, one process at a time.

Each service has its own tree, services/<name>/migrations/versions; the environment is shared, in
alembic/ beside this file. Everything runs in one transaction under an advisory lock: whoever comes
second waits, then finds nothing to do.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import asyncpg
import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.database.engine import async_url, create_engine
from shared.database.transient import is_not_deployed, is_transient
from shared.errors import PermanentError, RetryableError

_LOCK = text("SELECT pg_advisory_xact_lock(7237130001)")
_ENVIRONMENT = Path(__file__).parent / "alembic"

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class MigrationError(PermanentError):
    """The database cannot be migrated."""

    code = "migration_failed"
    title = "Migration failed"


class Migrations:
    """The migrations of one service on one database."""

    def __init__(
        self, service: str, database_url: str, *, wait: timedelta = timedelta(seconds=30)
    ) -> None:
        self._service = service
        self._url = async_url(database_url)
        self._wait = wait.total_seconds()
        self._config = Config()
        self._config.set_main_option("script_location", str(_ENVIRONMENT))
        self._config.set_main_option("path_separator", "newline")
        self._config.set_main_option("version_locations", str(versions_folder(service)))

    @property
    def head(self) -> str | None:
        """The newest revision in the tree."""
        return ScriptDirectory.from_config(self._config).get_current_head()

    async def upgrade(self) -> str | None:
        """Bring the database to the newest revision, and answer it. Raises `MigrationError`."""
        await self._run(self._upgrade)
        log.info("database.migrated", service=self._service, revision=self.head)
        return self.head

    async def revision(self) -> str | None:
        """The revision the database is at; None when it was never migrated."""
        return await self._run(_revision)

    async def problems(self, tables: MetaData) -> list[str]:
        """How the database differs from the newest revision and from the service's models."""
        current = await self.revision()
        if current != self.head:
            return [f"the database is at revision {current}, the newest is {self.head}"]
        return await self._run(lambda connection: drift(connection, tables))

    def _upgrade(self, connection: Connection) -> None:
        connection.execute(_LOCK)
        self._config.attributes["connection"] = connection
        command.upgrade(self._config, "head")

    async def _run(self, step: Callable[[Connection], Result]) -> Result:
        engine = create_async_engine(
            self._url,
            poolclass=NullPool,
            connect_args={"timeout": 10, "server_settings": {"application_name": "migrate"}},
        )
        try:
            await self._wait_for_database()
            async with engine.begin() as connection:
                return await connection.run_sync(step)
        finally:
            await engine.dispose()

    async def _wait_for_database(self) -> None:
        """Until the database answers; a wrong password or name is not waited for."""
        deadline = asyncio.get_running_loop().time() + self._wait
        engine = create_engine(self._url, application="migrate")
        while True:
            try:
                async with engine.connect():
                    pass
                await engine.dispose()
                return
            except (RetryableError, asyncpg.PostgresError) as error:
                late = asyncio.get_running_loop().time() > deadline
                if late or is_not_deployed(error) or not is_transient(error):
                    raise MigrationError(self._complaint(error)) from error
                log.info("database.waiting", service=self._service, error=_first_line(error))
            await asyncio.sleep(0.5)

    def _complaint(self, error: BaseException) -> str:
        url = make_url(self._url).render_as_string(hide_password=True)
        variable = f"DARKROOM_{self._service.upper()}_DATABASE_URL"
        return f"no access to {url}: {_first_line(error)} (is {variable} right?)"


def versions_folder(service: str) -> Path:
    """Where the revisions of a service are."""
    return Path(str(files(f"services.{service}"))) / "migrations" / "versions"


def drift(connection: Connection, tables: MetaData) -> list[str]:
    """What a migrated database has that the models have not, and the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(difference) for difference in compare_metadata(context, tables)]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _first_line(error: BaseException) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).splitlines() or [type(cause).__name__])[0]
