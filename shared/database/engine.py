"""Engines lend connections, with the settings that the rest relies on.

Nothing waits for ever: connecting, a statement, a free connection and closing have limits each.
Neighbours: `connection` is what is lent, `unit_of_work` limits the whole, `away` names what a
database that is away raises.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
import structlog

from shared.database.away import DatabaseUnavailableError, why_not_connected
from shared.database.connection import Connection
from shared.database.result import Row

IDLE_IN_TRANSACTION = timedelta(seconds=20)
"""Above the publisher's time-out, which the relay may wait out in a transaction.

Postgres ends what a frozen process left open: until then the rows that it has locked are nobody's,
a job among them is not taken over though its lease is over.
"""
CONNECT_SECONDS = 3
STATEMENT_SECONDS = 30
POOL_SECONDS = 3
CLOSE_SECONDS = 2
OVERFLOW = 5
RECYCLE_SECONDS = 1800

log = structlog.get_logger(__name__)


def async_url(url: str) -> str:
    """Any Postgres URL, for asyncpg."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError(f"not a Postgres URL: {scheme}://… (use postgresql+asyncpg://…)")
    return f"postgresql+asyncpg://{rest}"


@dataclass(slots=True)
class _Kept:
    """An open connection of the pool, with what was prepared on it."""

    driver: Any
    prepared: dict[str, Any] = field(default_factory=dict)
    opened: float = field(default_factory=time.monotonic)


class Engine:
    """A pool of connections to one database, opened when they are needed.

    After a failure none that was opened before it is lent again: as after a failover, what was open
    may lead nowhere, and nobody says so.
    """

    def __init__(self, url: str, settings: dict[str, str], pool_size: int) -> None:
        self._url = async_url(url).replace("+asyncpg", "", 1)
        self._settings = settings
        self._places = asyncio.Semaphore(pool_size + OVERFLOW)
        self._pool_size = pool_size
        self._idle: list[_Kept] = []
        self._lent: dict[Connection, _Kept] = {}
        self._distrusted = 0.0

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """A connection on which each statement is its own transaction."""
        connection = await self.lend()
        try:
            yield connection
        finally:
            await self.take_back(connection)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Connection]:
        """A connection with a transaction: a clean exit commits, an exception rolls back."""
        async with self.connect() as connection:
            await connection.begin()
            yield connection
            await connection.commit()

    async def lend(self) -> Connection:
        """A connection that is open, as far as anybody knows; `take_back` follows.

        Raises `DatabaseUnavailableError`, or `asyncpg.PostgresError` where Postgres refuses us.
        """
        await self._have_place()
        try:
            kept = self._usable() or await self._open()
        except BaseException:
            self._places.release()
            raise
        connection = Connection(kept.driver, kept.prepared)
        self._lent[connection] = kept
        return connection

    async def take_back(self, connection: Connection) -> None:
        """It is not needed any more; what was begun and not committed is rolled back."""
        try:
            await connection.rollback()
        except (asyncpg.PostgresError, DatabaseUnavailableError):
            connection.broken = True
        except BaseException:
            connection.broken = True
            raise
        finally:
            self._put_away(connection, self._lent.pop(connection))
            self._places.release()

    async def dispose(self) -> None:
        """Close what nobody uses now; what the server has closed before needs no good-bye."""
        idle, self._idle = self._idle, []
        try:
            await asyncio.gather(*(_close(kept.driver) for kept in idle))
        except BaseException:
            for kept in idle:
                kept.driver.terminate()
            raise

    async def _have_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        try:
            async with asyncio.timeout(POOL_SECONDS):
                await self._places.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError("All connections to Postgres are in use.") from error

    def _usable(self) -> _Kept | None:
        while self._idle:
            kept = self._idle.pop()
            if not kept.driver.is_closed() and self._trusted(kept):
                return kept
            kept.driver.terminate()
        return None

    def _trusted(self, kept: _Kept) -> bool:
        return kept.opened > max(self._distrusted, time.monotonic() - RECYCLE_SECONDS)

    async def _open(self) -> _Kept:
        try:
            driver = await asyncpg.connect(
                self._url,
                timeout=CONNECT_SECONDS,
                command_timeout=STATEMENT_SECONDS,
                server_settings=self._settings,
                record_class=Row,
                statement_cache_size=0,
            )
            for kind in ("json", "jsonb"):
                await driver.set_type_codec(
                    kind, schema="pg_catalog", encoder=str, decoder=orjson.loads
                )
        except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
            raise why_not_connected(error) or error from error
        return _Kept(driver)

    def _put_away(self, connection: Connection, kept: _Kept) -> None:
        if connection.broken:
            self._distrusted = time.monotonic()
        if connection.broken or not self._trusted(kept) or len(self._idle) >= self._pool_size:
            kept.driver.terminate()  # a goodbye is something that a hanging database lets wait for
        else:
            self._idle.append(kept)


def create_engine(
    url: str, *, application: str, pool_size: int = 10, durable: bool = True
) -> Engine:
    """An engine, not yet connected; `application` is the name that ops see in Postgres.

    Statements are prepared once and asked for ever: a plan that is made while a table is small
    reads all of it, and is kept while the table grows. So tables are read by their indexes.
    `durable` False: its commits do not wait for the disk, and the last ones may be forgotten when
    Postgres crashes.
    """
    settings = {
        "application_name": application,
        "enable_seqscan": "off",
        "jit": "off",
        "plan_cache_mode": "force_generic_plan",  # most arrays are short: not worth planning anew
        "timezone": "UTC",
        "idle_in_transaction_session_timeout": str(int(IDLE_IN_TRANSACTION.total_seconds() * 1000)),
    }
    if not durable:
        settings["synchronous_commit"] = "off"
    return Engine(url, settings, pool_size)


async def close_engine(engine: Engine) -> None:
    """Say goodbye; a database that does not answer is left without it."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await engine.dispose()
    except Exception as error:
        log.info("database.not_closed", error=repr(error))


async def _close(driver: Any) -> None:
    try:
        await driver.close()
    except (OSError, asyncpg.PostgresError):
        driver.terminate()
