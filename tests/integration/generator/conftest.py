"""A migrated database of the generator, units of work on it; a service that orders elsewhere.

Tests of other generators say what theirs is told (`settings`).
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from services.generator.app import GeneratorApp
from services.generator.settings import GeneratorSettings
from services.generator.unit_of_work import GeneratorUnitOfWork, OpenUnitOfWork
from shared.database.engine import Engine, create_engine
from tests.integration.generator.harness import Client, serving, talking, told
from tests.integration.generator.ordering import NAME, FakeProvider, install


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


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """Where the generator `NAME` orders."""
    return install(tmp_path / "plugin", monkeypatch)


@pytest.fixture
def settings(
    database_url: str, rabbitmq_url: str, tmp_path: Path, provider: FakeProvider
) -> GeneratorSettings:
    return told(database_url, rabbitmq_url, tmp_path, generators=NAME)


@pytest.fixture
async def client(rabbitmq_url: str) -> AsyncIterator[Client]:
    """Everybody else: who asks, and hears what becomes of it."""
    async with talking(rabbitmq_url) as client:
        yield client


@pytest.fixture
async def app(settings: GeneratorSettings, client: Client) -> AsyncIterator[GeneratorApp]:
    """A running generator; the client has declared the queues."""
    async with serving(settings) as app:
        yield app
