"""Publishing on the real broker: every message is confirmed, returned, or known to be unknown."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import aio_pika
import pytest

from shared.events import Lane
from shared.messaging import topology
from shared.messaging.declare import declare
from shared.messaging.errors import UnroutableError
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import BrokerUnavailableError, Publisher, UndeliverableError
from shared.testing import a_media_ready, a_media_requested, an_event, eventually
from tests.integration.messaging.harness import QUEUE, depth, listening
from tests.network import UrlProxy


def a_message(**changes: object) -> Outgoing:
    return replace(outgoing(an_event(a_media_ready())), **changes)  # type: ignore[arg-type]


@pytest.fixture
async def fragile(proxy: UrlProxy, publisher: Publisher) -> AsyncIterator[Publisher]:
    """A publisher behind the proxy, with little patience."""
    fragile = Publisher(proxy.url, app_id="fragile", timeout=timedelta(seconds=0.5))
    await fragile.start()
    yield fragile
    await fragile.stop()


async def test_a_message_arrives_with_what_ops_want_to_see(
    rabbitmq_url: str, publisher: Publisher
) -> None:
    event = an_event(a_media_ready(), correlationid="order-7")
    async with listening(rabbitmq_url, topology.EVENTS, "media.ready.#") as inbox:
        await publisher.publish(outgoing(event))
        [message] = await eventually(lambda: inbox.must_hold(1))
    assert message.body == outgoing(event).body
    assert (message.message_id, message.type) == (event.id, event.type)
    assert (message.app_id, message.correlation_id) == ("probe", "order-7")
    assert message.content_type == "application/cloudevents+json"
    assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
    assert message.timestamp == event.time


async def test_each_message_of_a_batch_has_its_own_answer(publisher: Publisher) -> None:
    nowhere = a_message(routing_key="nowhere")
    answers = await publisher.publish_many([a_message(), nowhere, a_message(), nowhere])
    assert [type(answer) for answer in answers] == [
        type(None),
        UnroutableError,
        type(None),
        UnroutableError,
    ]


async def test_batches_in_flight_together_have_their_own_answers(publisher: Publisher) -> None:
    nowhere, large = a_message(routing_key="nowhere"), a_message(body=b"x" * 700_000)
    batches = [[a_message()], [nowhere, large], [large, nowhere, nowhere], [], [a_message()] * 3]
    answers = await asyncio.gather(*map(publisher.publish_many, batches))
    assert [[answer is None for answer in of_batch] for of_batch in answers] == [
        [message is not nowhere for message in batch] for batch in batches
    ]


async def test_a_message_that_breaks_the_protocols_limits_harms_no_neighbour(
    publisher: Publisher,
) -> None:
    endless = a_message(routing_key="x" * 300)
    [good, bad, other] = await publisher.publish_many([a_message(), endless, a_message()])
    assert good is None
    assert other is None
    assert isinstance(bad, UndeliverableError)


async def test_a_message_that_needs_no_listener_may_vanish(publisher: Publisher) -> None:
    await publisher.publish(a_message(routing_key="nowhere", mandatory=False))


async def test_a_full_queue_refuses(publisher: Publisher) -> None:
    channel = await publisher.connection.channel()
    small = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = await channel.declare_queue("small", exclusive=True, arguments=small)
    await queue.bind(topology.EVENTS, "small")
    answers = await publisher.publish_many([a_message(routing_key="small")] * 3)
    assert [type(answer) for answer in answers] == [
        type(None),
        UndeliverableError,
        UndeliverableError,
    ]


async def test_a_large_batch_is_confirmed_as_a_whole(
    rabbitmq_url: str, publisher: Publisher
) -> None:
    answers = await publisher.publish_many([a_message() for _ in range(2000)])
    assert answers == [None] * 2000

    async def all_there() -> None:
        assert await depth(rabbitmq_url, QUEUE.name) == 2000

    await eventually(all_there)


async def test_a_publisher_that_is_not_connected_says_so_at_once() -> None:
    with pytest.raises(BrokerUnavailableError):
        await Publisher("amqp://127.0.0.1:1", app_id="x").publish(a_message())


async def test_a_broker_that_is_not_there_is_named() -> None:
    with pytest.raises(BrokerUnavailableError, match="RabbitMQ"):
        await Publisher("amqp://127.0.0.1:1", app_id="x").start()


async def test_a_cut_connection_is_told_and_comes_back(proxy: UrlProxy, fragile: Publisher) -> None:
    await proxy.close()
    with pytest.raises(BrokerUnavailableError):
        await fragile.publish(a_message())
    await proxy.open()
    await eventually(lambda: fragile.publish(a_message()), timeout=20)


async def test_a_connection_cut_in_mid_batch_fails_the_batch(
    proxy: UrlProxy, fragile: Publisher
) -> None:
    proxy.freeze()
    batch = [a_message() for _ in range(50)]
    with pytest.raises(BrokerUnavailableError):
        await fragile.publish_many(batch)
    await proxy.close()
    await proxy.open()
    await eventually(lambda: fragile.publish(a_message()), timeout=20)


async def test_a_broker_that_does_not_answer_is_not_waited_for(
    proxy: UrlProxy, fragile: Publisher
) -> None:
    proxy.freeze()
    with pytest.raises(BrokerUnavailableError):
        await fragile.publish(a_message())
    proxy.thaw()
    await eventually(lambda: fragile.publish(a_message()), timeout=20)


async def test_a_missing_exchange_spoils_only_its_own_batch(publisher: Publisher) -> None:
    with pytest.raises(BrokerUnavailableError):
        await publisher.publish(a_message(exchange="no.such.exchange"))
    await eventually(lambda: publisher.publish(a_message()))


async def test_declaring_twice_changes_nothing(publisher: Publisher) -> None:
    await declare(publisher.connection, [QUEUE])
    await publisher.publish(a_message())


async def test_a_request_goes_to_the_queue_itself_where_there_is_no_overflow(
    rabbitmq_url: str, publisher: Publisher
) -> None:
    event = an_event(a_media_requested(lane=Lane.BATCH))
    over = outgoing(event, overflow=True)
    mine = topology.work_queue("card", Lane.BATCH)
    await declare(publisher.connection, [mine])

    answers = await publisher.publish_many([over, a_message(), over])
    await declare(publisher.connection, [topology.work_queue("card", Lane.BATCH, overflow=True)])
    await publisher.publish(over)

    assert answers == [None, None, None]
    assert await depth(rabbitmq_url, mine.name) == 2
    assert await depth(rabbitmq_url, f"{mine.name}.overflow") == 1


async def test_a_request_that_has_no_queue_at_all_is_returned(publisher: Publisher) -> None:
    nobody = outgoing(an_event(a_media_requested(generator="nobody")), overflow=True)

    [answer] = await publisher.publish_many([nobody])

    assert isinstance(answer, UnroutableError)
