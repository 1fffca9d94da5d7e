"""Fixtures for all tests. Unit tests use none of these; the servers start when first asked for."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from tests.backends import Backend, choose
from tests.backends.databases import Databases
from tests.backends.vhosts import Vhosts

MakeDatabase = Callable[[str | None], str]
"""`make_database("api")`: the URL of a fresh database with the tables of that service."""


def pytest_configure() -> None:
    """A polite kill ends the session like Ctrl-C: the servers are stopped."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need."""
    for item in items:
        parts = item.path.relative_to(Path(__file__).parent).parts
        if "e2e" in parts:
            item.add_marker(pytest.mark.e2e)
        elif "integration" in parts or "backend" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def backend(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """RabbitMQ and Postgres, as `DARKROOM_TEST_BACKEND` says; one of each for the whole session."""
    wanted = os.environ.get("DARKROOM_TEST_BACKEND", "auto")
    backend = choose(wanted, tmp_path_factory.mktemp("backend"))
    try:
        yield backend
    finally:
        backend.stop()


@pytest.fixture(scope="session")
def databases(backend: Backend) -> Databases:
    """The session's Postgres, to cut databases from."""
    return Databases(backend.postgres.admin_url)


@pytest.fixture
def make_database(databases: Databases) -> Iterator[MakeDatabase]:
    """Makes databases that are dropped after the test."""
    made: list[str] = []

    def make(service: str | None = None) -> str:
        made.append(databases.create(service))
        return made[-1]

    yield make
    for url in made:
        databases.drop(url)


@pytest.fixture(scope="session")
def vhosts(backend: Backend) -> Iterator[Vhosts]:
    """The session's RabbitMQ, to cut vhosts from."""
    vhosts = Vhosts(backend.rabbitmq.amqp_url, backend.rabbitmq.management_url)
    yield vhosts
    vhosts.close()


@pytest.fixture
def rabbitmq_url(vhosts: Vhosts) -> Iterator[str]:
    """The URL of a fresh vhost with the policies of the topology; deleted after the test."""
    url = vhosts.create()
    yield url
    vhosts.delete(url)


@pytest.fixture
def management_url(backend: Backend) -> str:
    """The management API of the session's RabbitMQ, with name and password in it."""
    return backend.rabbitmq.management_url
