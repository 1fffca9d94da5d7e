"""The generator, the notifier and other services, played by hand on the real broker."""

from collections.abc import Iterable

import aio_pika

from shared.events import CloudEvent, Lane, Message, decode
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import Publisher
from shared.testing import an_event, eventually


class Neighbours:
    """Speaks and listens as the other services do."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def say(self, *data: Message) -> None:
        """Publish events or commands."""
        await self.send(outgoing(an_event(one)) for one in data)

    async def send(self, messages: Iterable[Outgoing]) -> None:
        """Publish messages as they are."""
        assert not any(await self._publisher.publish_many(list(messages)))

    async def rubbish(self, queue: str, body: bytes = b"rubbish") -> None:
        """Put something into a queue that nobody can read."""
        await self.send([Outgoing("", queue, body, message_id="r-1", type="rubbish")])

    async def requested(self, count: int = 1, lane: Lane = Lane.INTERACTIVE) -> list[CloudEvent]:
        """The next `media.requested` in the queue of cards, acked."""
        return await self.taken(topology.work_queue("card", lane).name, count)

    async def taken(self, queue: str, count: int = 1) -> list[CloudEvent]:
        """The next messages of a queue, acked."""
        return [await self._take(queue) for _ in range(count)]

    async def reject(self, queue: str) -> None:
        """Take a message and refuse it for good, as the broker does past the delivery limit."""
        message = await self._get(queue)
        await message.reject(requeue=False)

    async def listen(self, pattern: str) -> str:
        """A queue of our own for events; its name."""
        channel = await self._publisher.connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(topology.EVENTS, routing_key=pattern)
        return queue.name

    async def _take(self, queue: str) -> CloudEvent:
        message = await self._get(queue)
        await message.ack()
        return decode(message.body)

    async def _get(self, queue: str) -> aio_pika.abc.AbstractIncomingMessage:
        channel = await self._publisher.connection.channel()
        found = await channel.get_queue(queue, ensure=False)

        async def get() -> aio_pika.abc.AbstractIncomingMessage:
            return await found.get()

        return await eventually(get, 15)
