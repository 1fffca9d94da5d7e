"""Fixtures: a broker with the whole topology, and ears for the last words."""

from collections.abc import AsyncIterator

import pytest

from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.publisher import Publisher
from tests.integration.messaging.harness import Inbox, listening


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
