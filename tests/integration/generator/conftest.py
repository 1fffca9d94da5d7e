"""A migrated database of the generator, and units of work on it."""

from collections.abc import AsyncIterator, Callable

import pytest

from services.generator.unit_of_work import GeneratorUnitOfWork, OpenUnitOfWork
from shared.database.engine import Engine, create_engine


@pytest.fixture
def database_url(make_database: Callable[[str | None], str]) -> str:
    return make_database("generator")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[Engine]:
    engine = create_engine(database_url, application="tests", pool_size=20)
    yield engine
    await engine.dispose()


@pytest.fixture
def unit_of_work(engine: Engine) -> OpenUnitOfWork:
    return lambda: GeneratorUnitOfWork(engine)
