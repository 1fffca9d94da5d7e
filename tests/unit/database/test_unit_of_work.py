"""A clean exit commits, an exception rolls back, and nothing else does either."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.database.away import DatabaseUnavailableError
from shared.database.engine import async_url
from shared.database.unit_of_work import UnitOfWork


class FakeConnection:
    """Writes down what happens to it."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.story: list[str] = []
        self.failure = failure

    async def begin(self) -> None:
        self.story.append("begin")

    async def commit(self) -> None:
        self.story.append("commit")
        if self.failure is not None:
            raise self.failure

    async def close(self) -> None:
        self.story.append("close")


class FakeEngine:
    """Has one connection."""

    def __init__(self, connection: FakeConnection) -> None:
        self.connection = connection

    async def connect(self) -> FakeConnection:
        return self.connection


class HangingConnection(FakeConnection):
    """Never answers at one step."""

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step

    async def begin(self) -> None:
        await self._hang("begin")

    async def commit(self) -> None:
        await self._hang("commit")

    async def _hang(self, step: str) -> None:
        self.story.append(step)
        if step == self.step:
            await asyncio.Event().wait()


class Work(UnitOfWork):
    def open(self, connection: Any) -> None:
        connection.story.append("open")


def work_on(connection: FakeConnection, seconds: float = 30) -> Work:
    def committed() -> None:
        connection.story.append("after commit")

    engine, within = FakeEngine(connection), timedelta(seconds=seconds)
    return Work(engine, committed, within=within)  # type: ignore[arg-type]


async def test_a_clean_exit_commits_and_tells_so_once_it_is_true() -> None:
    connection = FakeConnection()
    async with work_on(connection):
        connection.story.append("work")
    assert connection.story == ["begin", "open", "work", "commit", "close", "after commit"]


async def test_an_exception_rolls_back_and_goes_on() -> None:
    connection = FakeConnection()
    with pytest.raises(ValueError, match="no"):
        async with work_on(connection):
            raise ValueError("no")
    assert connection.story == ["begin", "open", "close"]


async def test_a_commit_that_fails_tells_nobody() -> None:
    connection = FakeConnection(ConnectionError("gone"))
    with pytest.raises(ConnectionError):
        async with work_on(connection):
            pass
    assert connection.story == ["begin", "open", "commit", "close"]


@pytest.mark.parametrize("step", ["begin", "commit"])
async def test_a_database_that_hangs_is_not_waited_for(step: str) -> None:
    connection = HangingConnection(step)
    with pytest.raises(DatabaseUnavailableError, match=r"did not answer within 0\.01 s"):
        async with work_on(connection, 0.01):
            pass
    assert connection.story[-2:] == [step, "close"]


async def test_work_that_outlasts_its_limit_is_rolled_back() -> None:
    connection = FakeConnection()
    with pytest.raises(DatabaseUnavailableError):
        async with work_on(connection, 0.01):
            await asyncio.Event().wait()
    assert connection.story == ["begin", "open", "close"]


async def test_a_time_out_of_the_work_itself_is_left_as_it_is() -> None:
    with pytest.raises(TimeoutError):
        async with work_on(FakeConnection()):
            raise TimeoutError("of anybody")


async def test_whoever_is_canceled_in_the_middle_is_canceled() -> None:
    connection, begun = FakeConnection(), asyncio.Event()

    async def work() -> None:
        async with work_on(connection):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert connection.story == ["begin", "open", "close"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_postgres_url_is_spoken_to_by_asyncpg(scheme: str) -> None:
    assert async_url(f"{scheme}://u:p@h/db") == "postgresql+asyncpg://u:p@h/db"


@pytest.mark.parametrize("url", ["mysql://secret@h/db", "/a/path", ""])
def test_another_url_is_refused_without_repeating_its_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="not a Postgres URL") as refusal:
        async_url(url)
    assert "secret" not in str(refusal.value)
