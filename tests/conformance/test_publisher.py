"""The publisher for tests and the real one answer alike."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.errors import BrokerUnavailableError, UnroutableError
from shared.messaging.outgoing import outgoing
from shared.messaging.publisher import Publisher, PublishesMany
from shared.testing import (
    RecordingPublisher,
    a_media_generated,
    a_media_progressed,
    a_media_ready,
    an_event,
)


class Case(Protocol):
    """A publisher for which only `media.ready.card` and `media.generated.card` reach a queue."""

    publisher: PublishesMany

    async def received(self) -> list[bytes]:
        """The bodies that reached the queue, in order."""

    async def take_broker_away(self) -> None: ...


class FakeCase:
    def __init__(self) -> None:
        self._fake = RecordingPublisher()
        self._fake.unroutable = {"media.ready.nobody", "media.progressed.card"}
        self.publisher: PublishesMany = self._fake

    async def received(self) -> list[bytes]:
        return [message.body for message in self._fake.published]

    async def take_broker_away(self) -> None:
        self._fake.away = True


class RealCase:
    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.publisher: PublishesMany = publisher

    async def prepare(self) -> None:
        bindings = tuple(
            topology.Binding(topology.EVENTS, pattern)
            for pattern in ("media.ready.card", "media.generated.card")
        )
        await declare(self._publisher.connection, [topology.Queue("inbox", "tests", bindings)])

    async def received(self) -> list[bytes]:
        channel = await self._publisher.connection.channel()
        queue = await channel.get_queue("inbox")
        bodies: list[bytes] = []
        while (message := await queue.get(no_ack=True, fail=False)) is not None:
            bodies.append(message.body)
        await channel.close()
        return bodies

    async def take_broker_away(self) -> None:
        await self._publisher.stop()


@pytest.fixture(params=["fake", "real"])
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    if request.param == "fake":
        yield FakeCase()
        return
    publisher = Publisher(request.getfixturevalue("rabbitmq_url"), app_id="tests")
    await publisher.start()
    real = RealCase(publisher)
    await real.prepare()
    yield real
    await publisher.stop()


async def test_all_messages_arrive_in_order(case: Case) -> None:
    messages = [outgoing(an_event(a_media_ready())) for _ in range(50)]
    assert await case.publisher.publish_many(messages) == [None] * 50
    assert await case.received() == [message.body for message in messages]


async def test_a_mandatory_message_without_a_queue_is_answered_and_its_neighbours_arrive(
    case: Case,
) -> None:
    first = outgoing(an_event(a_media_ready()))
    lost = outgoing(an_event(a_media_ready(generator="nobody")))
    last = outgoing(an_event(a_media_generated()))
    answers = await case.publisher.publish_many([first, lost, last])
    assert [type(answer) for answer in answers] == [type(None), UnroutableError, type(None)]
    assert await case.received() == [first.body, last.body]


async def test_transient_news_that_nobody_listens_to_is_no_error(case: Case) -> None:
    assert await case.publisher.publish_many([outgoing(an_event(a_media_progressed()))]) == [None]
    assert await case.received() == []


async def test_a_broker_that_is_away_is_a_passing_error(case: Case) -> None:
    await case.take_broker_away()
    with pytest.raises(BrokerUnavailableError):
        await case.publisher.publish_many([outgoing(an_event(a_media_ready()))])
