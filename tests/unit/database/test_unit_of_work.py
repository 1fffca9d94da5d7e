"""A clean exit commits, an exception rolls back, and nothing else does either."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from shared.database.away import DatabaseUnavailableError
from shared.database.connection import Connection
from shared.database.engine import async_url
from shared.database.unit_of_work import UnitOfWork

STATEMENT = text("SELECT 1")


class FakeDriver:
    """Writes down what is asked of it; `hangs` at one step, or refuses one with `failure`."""

    def __init__(self, hangs: str | None = None, failure: Exception | None = None) -> None:
        self.story: list[str] = []
        self._hangs = hangs
        self._failure = failure

    async def execute(self, command: str) -> None:
        self.story.append(command)
        if command == self._hangs:
            await asyncio.Event().wait()
        if command == "COMMIT" and self._failure is not None:
            raise self._failure

    async def prepare(self, sql: str, *, name: str) -> "FakeDriver":
        return self

    async def fetch(self) -> list[object]:
        await self.execute("statement")
        return []

    def get_statusmsg(self) -> str:
        return "SELECT 0"

    def is_closed(self) -> bool:
        return False


class FakeEngine:
    """Has one connection."""

    def __init__(self, driver: FakeDriver) -> None:
        self.driver = driver

    async def lend(self) -> Connection:
        return Connection(self.driver, {})

    async def take_back(self, connection: Connection) -> None:
        await connection.rollback()
        self.driver.story.append("broken" if connection.broken else "back")


class Work(UnitOfWork):
    def open(self, connection: Connection) -> None:
        self.connection = connection

    async def do(self) -> None:
        await self.connection.execute(STATEMENT)


def work_on(driver: FakeDriver, seconds: float = 30) -> Work:
    def committed(handed_over: Sequence[Any]) -> None:
        driver.story.append(f"handed over {list(handed_over)}")

    engine, within = FakeEngine(driver), timedelta(seconds=seconds)
    return Work(engine, committed, within=within)  # type: ignore[arg-type]


async def carry_out(driver: FakeDriver, *steps: Callable[[Work], Any], within: float = 30) -> None:
    async with work_on(driver, within) as work:
        for step in steps:
            doing = step(work)
            if doing is not None:
                await doing


def refuse(_: Work) -> None:
    raise ValueError("no")


async def hang(_: Work) -> None:
    await asyncio.Event().wait()


async def test_a_clean_exit_commits_and_hands_over_once_it_is_true() -> None:
    driver = FakeDriver()
    async with work_on(driver) as work:
        await work.do()
        work.connection.handed_over.append("news")
    assert driver.story == ["BEGIN", "statement", "COMMIT", "back", "handed over ['news']"]


async def test_work_without_a_statement_has_no_transaction() -> None:
    driver = FakeDriver()
    async with work_on(driver):
        pass
    assert driver.story == ["back", "handed over []"]


async def test_a_statement_that_is_alone_has_no_transaction_around_it() -> None:
    driver = FakeDriver()
    async with work_on(driver) as work:
        work.alone()
        await work.do()
    assert driver.story == ["statement", "back", "handed over []"]


async def test_nothing_follows_a_statement_that_is_alone() -> None:
    driver = FakeDriver()
    with pytest.raises(RuntimeError, match="one statement"):
        await carry_out(driver, Work.alone, Work.do, Work.do)
    assert driver.story == ["statement", "back"]


async def test_work_that_has_begun_is_not_alone() -> None:
    with pytest.raises(RuntimeError, match="has begun already"):
        await carry_out(FakeDriver(), Work.do, Work.alone)


async def test_an_exception_rolls_back_and_goes_on() -> None:
    driver = FakeDriver()
    with pytest.raises(ValueError, match="no"):
        await carry_out(driver, Work.do, refuse)
    assert driver.story == ["BEGIN", "statement", "ROLLBACK", "back"]


async def test_a_commit_that_fails_hands_nothing_over() -> None:
    driver = FakeDriver(failure=ConnectionError("gone"))
    with pytest.raises(DatabaseUnavailableError, match="lost: gone"):
        await carry_out(driver, Work.do)
    assert driver.story == ["BEGIN", "statement", "COMMIT", "broken"]


@pytest.mark.parametrize("step", ["BEGIN", "statement", "COMMIT"])
async def test_a_database_that_hangs_is_not_waited_for(step: str) -> None:
    driver = FakeDriver(hangs=step)
    with pytest.raises(DatabaseUnavailableError, match=r"did not answer within 0\.01 s"):
        await carry_out(driver, Work.do, within=0.01)
    assert driver.story[-1] == "broken"


async def test_work_that_outlasts_its_limit_is_rolled_back() -> None:
    driver = FakeDriver()
    with pytest.raises(DatabaseUnavailableError):
        await carry_out(driver, Work.do, hang, within=0.01)
    assert driver.story == ["BEGIN", "statement", "ROLLBACK", "back"]


async def test_a_time_out_of_the_work_itself_is_left_as_it_is() -> None:
    with pytest.raises(TimeoutError):
        async with work_on(FakeDriver()):
            raise TimeoutError("of anybody")


async def test_whoever_is_canceled_in_the_middle_is_canceled() -> None:
    driver, begun = FakeDriver(), asyncio.Event()

    async def work() -> None:
        async with work_on(driver) as open_work:
            await open_work.do()
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert driver.story == ["BEGIN", "statement", "ROLLBACK", "back"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_postgres_url_is_spoken_to_by_asyncpg(scheme: str) -> None:
    assert async_url(f"{scheme}://u:p@h/db") == "postgresql+asyncpg://u:p@h/db"


@pytest.mark.parametrize("url", ["mysql://secret@h/db", "/a/path", ""])
def test_another_url_is_refused_without_repeating_its_secrets(url: str) -> None:
    with pytest.raises(ValueError, match="not a Postgres URL") as refusal:
        async_url(url)
    assert "secret" not in str(refusal.value)
