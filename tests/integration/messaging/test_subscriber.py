"""Taking batches from a real queue: handled once, acked after, and nothing bad is in the way."""

import asyncio

from aio_pika import Message as RawMessage

from shared.errors import RetryableError
from shared.messaging import dead_letters, topology
from shared.messaging.publisher import Publisher
from shared.testing import a_media_ready, an_event, eventually
from tests.integration.messaging.harness import QUEUE, depth, listening, running


async def tell_rubbish(publisher: Publisher, *bodies: bytes, **properties: object) -> None:
    channel = await publisher.connection.channel()
    exchange = await channel.get_exchange(topology.EVENTS)
    for body in bodies:
        await exchange.publish(RawMessage(body, **properties), "media.ready.card")  # type: ignore[arg-type]
    await channel.close()


async def must_be_empty(url: str) -> None:
    """Nothing is ready, and (once the consumer has gone) nothing was left unacked."""
    assert await depth(url, QUEUE.name) == 0


async def test_what_is_handled_is_acked(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(50)]
    async with running(rabbitmq_url) as service:
        await service.tell(*ready)
        await eventually(lambda: service.must_have_handled(*ready))
        assert service.subscriber.handled == 50
    await must_be_empty(rabbitmq_url)


async def test_messages_that_come_during_a_write_are_the_next_batch(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(200)]
    async with running(rabbitmq_url) as service:
        service.handler.open.clear()
        await service.tell(*ready)
        await taken(rabbitmq_url)
        service.handler.open.set()
        await eventually(lambda: service.must_have_handled(*ready))
        assert len(service.handler.batches) <= 3


async def test_what_cannot_be_read_is_a_dead_letter_with_the_reason(rabbitmq_url: str) -> None:
    good = a_media_ready()
    async with running(rabbitmq_url) as service:
        async with listening(rabbitmq_url, topology.DEAD, "#") as graves:
            await tell_rubbish(service.publisher, b"{rubbish", message_id="m1")
            await service.tell(good)
            [letter] = await eventually(lambda: graves.must_hold(1))
            await eventually(lambda: service.must_have_handled(good))
        assert letter.body == b"{rubbish"
        assert letter.message_id == "m1"
        assert letter.headers[dead_letters.QUEUE] == QUEUE.name
        assert letter.headers[dead_letters.ERROR_CODE] == "undecodable_message"
        assert "not JSON" in str(letter.headers[dead_letters.ERROR_MESSAGE])
        assert service.subscriber.dead_lettered == 1
    await must_be_empty(rabbitmq_url)


async def test_rubbish_with_the_same_id_many_times_is_buried_each_time(rabbitmq_url: str) -> None:
    async with (
        running(rabbitmq_url) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        await tell_rubbish(service.publisher, *[b"x"] * 30, message_id="same")
        letters = await eventually(lambda: graves.must_hold(30))
    assert len({str(letter.headers[dead_letters.FIRST_SEEN]) for letter in letters}) == 30
    await must_be_empty(rabbitmq_url)


async def test_a_message_that_breaks_the_handler_harms_no_neighbour(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(40)]
    culprits = [ready[7], ready[31]]
    async with (
        running(rabbitmq_url) as service,
        listening(rabbitmq_url, topology.DEAD, "#") as graves,
    ):
        service.handler.poison = {str(culprit.job_id) for culprit in culprits}
        await service.tell(*ready)
        letters = await eventually(lambda: graves.must_hold(2))
        await eventually(
            lambda: service.must_have_handled(*(one for one in ready if one not in culprits))
        )
    assert {letter.message_id for letter in letters} == {an_event(one).id for one in culprits}
    assert letters[0].headers[dead_letters.ERROR_CLASS] == "RuntimeError"
    assert "a bug in the handler" in str(letters[0].headers[dead_letters.ERROR_STACK])
    await must_be_empty(rabbitmq_url)


async def test_a_passing_failure_is_waited_out(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(10)]
    async with running(rabbitmq_url) as service:
        service.handler.failure = RetryableError("database away")
        await service.tell(*ready)
        await eventually(lambda: must_be_at_least(service.handler.failures, 3))
        service.handler.failure = None
        await eventually(lambda: service.must_have_handled(*ready))
        assert service.subscriber.dead_lettered == 0
    await must_be_empty(rabbitmq_url)


async def test_stopping_finishes_what_was_taken(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(30)]
    async with running(rabbitmq_url) as service:
        service.handler.open.clear()
        await service.tell(*ready)
        await taken(rabbitmq_url)
        stopping = asyncio.create_task(service.stop())
        await asyncio.sleep(0)
        service.handler.open.set()
        await stopping
        service.must_have_handled(*ready)
    await must_be_empty(rabbitmq_url)


async def test_stopping_gives_back_what_cannot_be_handled_now(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(10)]
    async with running(rabbitmq_url) as service:
        service.handler.failure = RetryableError("database away")
        await service.tell(*ready)
        await eventually(lambda: must_be_at_least(service.handler.failures, 1))
        async with asyncio.timeout(5):
            await service.stop()
    await given_back(rabbitmq_url, 10)


async def test_what_was_not_acked_is_handled_by_the_next_process(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(10)]
    async with running(rabbitmq_url) as dying:
        dying.handler.failure = RetryableError("database away")
        await dying.tell(*ready)
        await eventually(lambda: must_be_at_least(dying.handler.failures, 1))
        async with running(rabbitmq_url) as next_one:
            await dying.stop()
            await eventually(lambda: next_one.must_have_handled(*ready))


async def test_a_paused_consumer_leaves_messages_in_the_queue(rabbitmq_url: str) -> None:
    before, during = a_media_ready(), [a_media_ready() for _ in range(5)]
    async with running(rabbitmq_url) as service:
        await service.tell(before)
        await eventually(lambda: service.must_have_handled(before))
        await service.subscriber.pause()
        assert service.session.problem() is None, "paused on purpose is no problem"
        await service.tell(*during)
        await given_back(rabbitmq_url, 5)
        await service.subscriber.resume()
        await eventually(lambda: service.must_have_handled(before, *during))
    await must_be_empty(rabbitmq_url)


async def test_pausing_and_resuming_twice_is_the_same_as_once(rabbitmq_url: str) -> None:
    ready = a_media_ready()
    async with running(rabbitmq_url) as service:
        for step in (service.subscriber.pause, service.subscriber.resume):
            await step()
            await step()
        await service.tell(ready)
        await eventually(lambda: service.must_have_handled(ready))


async def test_what_was_delivered_before_a_pause_is_still_handled(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(20)]
    async with running(rabbitmq_url) as service:
        service.handler.open.clear()
        await service.tell(*ready)
        await taken(rabbitmq_url)
        await service.subscriber.pause()
        service.handler.open.set()
        await eventually(lambda: service.must_have_handled(*ready))
    await must_be_empty(rabbitmq_url)


async def test_prefetch_bounds_what_one_process_holds(rabbitmq_url: str) -> None:
    ready = [a_media_ready() for _ in range(30)]
    async with running(rabbitmq_url, prefetch=10) as service:
        service.handler.open.clear()
        await service.tell(*ready)
        await given_back(rabbitmq_url, 20)
        service.handler.open.set()
        await eventually(lambda: service.must_have_handled(*ready))


async def test_a_reply_address_is_not_answered(rabbitmq_url: str) -> None:
    ready = a_media_ready()
    async with running(rabbitmq_url) as service:
        channel = await service.publisher.connection.channel()
        replies = await channel.declare_queue(exclusive=True)
        await tell_rubbish(service.publisher, b"{", reply_to=replies.name)
        await service.tell(ready)
        await eventually(lambda: service.must_have_handled(ready))
        assert await replies.get(fail=False) is None


async def taken(url: str) -> None:
    """Until the queue has handed out everything."""
    await given_back(url, 0)


async def given_back(url: str, count: int) -> None:
    """Until so many messages wait in the queue."""

    async def waits() -> None:
        assert await depth(url, QUEUE.name) == count

    await eventually(waits)


def must_be_at_least(number: int, least: int) -> None:
    assert number >= least
