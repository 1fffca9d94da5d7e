"""Fixtures: a broker with the whole topology, a notifier, and ears for the last words."""

from collections.abc import AsyncIterator

import pytest

from services.notifier.app import NotifierApp
from services.notifier.settings import NotifierSettings
from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.publisher import Publisher
from tests import receivers
from tests.conftest import MakeDatabase
from tests.integration.messaging.harness import Inbox, listening
from tests.integration.notifier.webhook_room import Room


@pytest.fixture
async def publisher(rabbitmq_url: str) -> AsyncIterator[Publisher]:
    """Everybody else: the generator that reports, the api that listens."""
    publisher = Publisher(rabbitmq_url, app_id="tests")
    await publisher.start()
    await declare(publisher.connection, topology.all_queues(["card"]))
    yield publisher
    await publisher.stop()


@pytest.fixture
async def last_words(rabbitmq_url: str, publisher: Publisher) -> AsyncIterator[Inbox]:
    """Everything that is said on `media.events`."""
    async with listening(rabbitmq_url, topology.EVENTS, "media.#") as inbox:
        yield inbox


@pytest.fixture
def database(make_database: MakeDatabase) -> str:
    return make_database("notifier")


@pytest.fixture
async def notifier(
    database: str, rabbitmq_url: str, publisher: Publisher
) -> AsyncIterator[NotifierApp]:
    """A running notifier, with little patience."""
    app = a_notifier(database, rabbitmq_url)
    await app.start()
    yield app
    await app.stop()


def a_notifier(database: str, rabbitmq_url: str, *, grace: float = 1.0) -> NotifierApp:
    """One process's worth of notifier, not yet started."""
    settings = NotifierSettings(
        database_url=database, rabbitmq_url=rabbitmq_url, answer_grace_seconds=grace
    )
    return NotifierApp(settings)


@pytest.fixture
async def receiver() -> AsyncIterator[receivers.Receiver]:
    """Somebody whom webhooks call."""
    async with receivers.listening() as receiver:
        yield receiver


@pytest.fixture
async def room(database: str) -> AsyncIterator[Room]:
    """A notifier that sends webhooks."""
    async with Room(database) as room:
        yield room
