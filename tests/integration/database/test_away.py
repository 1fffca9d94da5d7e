"""Postgres goes away, hangs, restarts: nobody waits for ever, and the first work after succeeds."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.database.away import DatabaseUnavailableError
from shared.database.connection import Connection
from shared.database.engine import (
    CLOSE_SECONDS,
    CONNECT_SECONDS,
    Engine,
    close_engine,
    create_engine,
)
from shared.database.transient import is_transient
from shared.database.unit_of_work import UnitOfWork
from shared.testing import eventually
from tests.backends import Backend
from tests.backends.databases import query
from tests.conftest import MakeDatabase
from tests.integration.database.proxy import PostgresProxy

SLOW = "SELECT pg_sleep(30)"
ROOM = 1.5
"""Seconds that a busy machine may take on top."""


class Work(UnitOfWork):
    def open(self, connection: Connection) -> None:
        self.connection = connection

    async def ask(self, statement: str = "SELECT 1") -> None:
        await self.connection.execute(text(statement))


@pytest.fixture
async def proxy(make_database: MakeDatabase) -> AsyncIterator[PostgresProxy]:
    proxy = PostgresProxy(make_database(None))
    await proxy.open()
    yield proxy
    await proxy.close()


@pytest.fixture
async def engine(proxy: PostgresProxy) -> AsyncIterator[Engine]:
    engine = create_engine(proxy.url, application="away", pool_size=3)
    yield engine
    await close_engine(engine)


async def work(engine: Engine, statement: str = "SELECT 1", seconds: float = 1) -> None:
    async with Work(engine, within=timedelta(seconds=seconds)) as unit:
        await unit.ask(statement)


async def fill(engine: Engine) -> None:
    """Every connection of the pool is open."""
    await asyncio.gather(*(work(engine, "SELECT pg_sleep(0.1)") for _ in range(3)))


async def test_a_database_that_refuses_is_a_passing_failure(
    proxy: PostgresProxy, engine: Engine
) -> None:
    await proxy.close()
    with pytest.raises(DatabaseUnavailableError, match="cannot be reached"):
        await work(engine)


async def test_a_database_that_hangs_is_given_up_in_time(
    proxy: PostgresProxy, engine: Engine
) -> None:
    await fill(engine)
    proxy.freeze()
    begun = time.monotonic()
    failures = await asyncio.gather(*(work(engine) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(failure, Exception) and is_transient(failure) for failure in failures)
    assert time.monotonic() - begun < 1 + ROOM


async def test_connecting_to_a_database_that_hangs_has_a_limit_of_its_own(
    proxy: PostgresProxy, engine: Engine
) -> None:
    proxy.freeze()
    begun = time.monotonic()
    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        await work(engine, seconds=60)
    assert time.monotonic() - begun < CONNECT_SECONDS + ROOM


async def test_the_first_work_after_a_hang_succeeds(proxy: PostgresProxy, engine: Engine) -> None:
    await fill(engine)
    proxy.freeze()
    with pytest.raises(DatabaseUnavailableError):
        await work(engine)
    proxy.thaw()
    await asyncio.gather(*(work(engine, seconds=10) for _ in range(5)))


async def test_connections_from_before_a_hang_are_not_used_again(
    proxy: PostgresProxy, engine: Engine
) -> None:
    """As after a failover: what was open leads nowhere, and nobody says so."""
    await fill(engine)
    proxy.freeze()
    with pytest.raises(DatabaseUnavailableError):
        await work(engine)
    proxy.forget()
    await asyncio.gather(*(work(engine) for _ in range(3)))


async def test_the_first_work_after_a_restart_succeeds(
    proxy: PostgresProxy, engine: Engine
) -> None:
    await fill(engine)
    proxy.cut()
    await eventually(lambda: must_be_cut(proxy))
    await asyncio.gather(*(work(engine) for _ in range(3)))


async def test_a_connection_lost_in_the_middle_is_a_passing_failure(
    proxy: PostgresProxy, engine: Engine, backend: Backend
) -> None:
    working = asyncio.create_task(work(engine, SLOW, seconds=30))

    def is_at_it() -> None:
        asked = "SELECT 1 FROM pg_stat_activity WHERE query = $1"
        assert query(backend.postgres.admin_url, asked, SLOW)

    await eventually(is_at_it)
    proxy.cut()
    with pytest.raises(Exception) as failure:  # noqa: PT011 - the driver has several
        await working
    assert is_transient(failure.value)


async def test_closing_needs_no_answer(proxy: PostgresProxy, engine: Engine) -> None:
    await fill(engine)
    proxy.freeze()
    begun = time.monotonic()
    await close_engine(engine)
    assert time.monotonic() - begun < CLOSE_SECONDS + ROOM


def must_be_cut(proxy: PostgresProxy) -> None:
    assert proxy.open_connections == 0


async def test_connections_that_the_server_has_closed_are_no_trouble_at_the_end(
    backend: Backend, make_database: MakeDatabase
) -> None:
    engine = create_engine(make_database(None), application="test", pool_size=2)
    async with Work(engine) as one, Work(engine) as another:
        await asyncio.gather(one.ask(), another.ask())

    backend.postgres.restart()

    await engine.dispose()
