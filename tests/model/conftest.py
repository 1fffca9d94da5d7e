"""The stages that the machines of a file share.

Not of a session: between two files another one's tests may restart Postgres, and a stage keeps its
connections.
"""

from collections.abc import Iterator

import pytest

from tests.backends.databases import Databases
from tests.model.stage import Stage


def _stage(databases: Databases, *services: str) -> Iterator[Stage]:
    urls = {service: databases.create(service) for service in services}
    stage = Stage(urls)
    yield stage
    stage.close()
    for url in urls.values():
        databases.drop(url)


@pytest.fixture(scope="module")
def stage(databases: Databases) -> Iterator[Stage]:
    """The databases of those who decide how jobs end."""
    yield from _stage(databases, "generator", "notifier")


@pytest.fixture(scope="module")
def api_stage(databases: Databases) -> Iterator[Stage]:
    """The database of the read model."""
    yield from _stage(databases, "api")
