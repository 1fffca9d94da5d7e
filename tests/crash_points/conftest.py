"""Fixtures: the services of a module, and who takes part in a test."""

from collections.abc import Iterator

import pytest

from tests.backends.databases import Databases
from tests.backends.vhosts import Vhosts
from tests.crash_points.darkroom import Darkroom
from tests.crash_points.person import Person
from tests.crash_points.records import Records
from tests.crash_points.stories import Scene
from tests.crash_points.witness import Witness


@pytest.fixture(scope="module")
def darkroom(
    databases: Databases, vhosts: Vhosts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Darkroom]:
    """All three services, ready, on a vhost and databases that nobody else uses."""
    url = vhosts.create()
    darkroom = Darkroom(databases.create, url, tmp_path_factory.mktemp("darkroom"))
    try:
        darkroom.run_all()
        darkroom.must_know_generators()
        yield darkroom
    finally:
        darkroom.stop()
        for database in darkroom.databases.values():
            databases.drop(database)
        vhosts.delete(url)


@pytest.fixture(scope="module")
def records(darkroom: Darkroom) -> Iterator[Records]:
    """What they have written down."""
    records = Records(darkroom.databases)
    yield records
    records.close()


@pytest.fixture
def scene(darkroom: Darkroom, records: Records) -> Iterator[Scene]:
    """A person and a witness who have not asked for anything yet."""
    person, witness = Person(darkroom.api), Witness(darkroom.rabbitmq_url)
    yield Scene(darkroom, person, witness, records, records.count("api", "dead_letter"))
    witness.close()
    person.close()
