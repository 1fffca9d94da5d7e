"""Places in the event log that are handed out: what they mean whatever happens to Postgres."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.api.models.event_log import REQUESTED_TYPE, LogPosition
from services.api.repository.projection import LoggedEvent
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import uuid7
from shared.database.engine import create_engine
from shared.testing import MOMENT, eventually
from tests.backends import Backend
from tests.backends.databases import execute
from tests.conftest import MakeDatabase
from tests.integration.api.looking import told_of

PLACES: dict[str, Callable[[ApiUnitOfWork], Coroutine[Any, Any, LogPosition]]] = {
    "now": lambda work: work.event_log.now(),
    "since a moment": lambda work: work.event_log.at(MOMENT + timedelta(days=1)),
}
MEANWHILE = 20
_NUMBER = text("SELECT pg_current_xact_id()")
BACK_WITHIN = timedelta(seconds=30)


def a_line(name: str) -> LoggedEvent:
    body = '{"data": {"generator": "x"}}'
    return LoggedEvent(name, uuid7(), "default", REQUESTED_TYPE, 0, MOMENT, body)


@pytest.fixture
async def url(backend: Backend, make_database: MakeDatabase) -> AsyncIterator[str]:
    """A database of a server that writes lazily what is not durable."""
    admin = backend.postgres.admin_url
    lazily = "ALTER SYSTEM SET wal_writer_delay = '10s'"
    await asyncio.to_thread(execute, admin, lazily, "SELECT pg_reload_conf()")
    yield make_database("api")
    again = "ALTER SYSTEM RESET wal_writer_delay"
    await asyncio.to_thread(execute, admin, again, "SELECT pg_reload_conf()")


@pytest.fixture
async def unit_of_work(url: str) -> AsyncIterator[OpenUnitOfWork]:
    engine = create_engine(url, application="test")
    yield lambda: ApiUnitOfWork(engine)
    await engine.dispose()


@pytest.mark.parametrize("place", PLACES)
async def test_a_place_is_not_ahead_of_what_a_crash_leaves(
    url: str,
    unit_of_work: OpenUnitOfWork,
    backend: Backend,
    *,
    servers_thread: ThreadPoolExecutor,
    place: str,
) -> None:
    async with unit_of_work() as work:
        await work.projection.log([a_line("before")])
    await _number_transactions(url)
    async with unit_of_work() as work:
        there = await PLACES[place](work)
        assert await told_of(work.event_log, there) == []
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(servers_thread, backend.postgres.restart)

    async def another_is_logged() -> None:
        async with unit_of_work() as work:
            await work.projection.log([a_line("after")])

    await eventually(another_is_logged, BACK_WITHIN.total_seconds())
    async with unit_of_work() as work:
        assert await work.event_log.is_known(there), "whoever was told it may resume there"
        told = await told_of(work.event_log, there)
    assert [entry.body for entry in told], "what is new is behind it"


async def _number_transactions(url: str) -> None:
    """As relays do that forget what was published: their commits need not outlive a crash."""
    engine = create_engine(url, application="test-relay", durable=False)
    for _ in range(MEANWHILE):
        async with engine.begin() as connection:
            await connection.execute(_NUMBER)
    await engine.dispose()
