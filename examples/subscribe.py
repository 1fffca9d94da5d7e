"""Listens for media that is ready, with FastStream and Darkroom's own event models.

python examples/subscribe.py amqp://user:password@host:5672/
"""

import asyncio
import sys

from faststream import AckPolicy, FastStream
from faststream.rabbit import ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.rabbit.annotations import RabbitMessage

from shared.events import MediaReady, decode
from shared.messaging.topology import EVENTS

EXCHANGE = RabbitExchange(EVENTS, ExchangeType.TOPIC, durable=True)
QUEUE = RabbitQueue(
    "example.subscriber",
    queue_type=QueueType.QUORUM,
    durable=True,
    routing_key="media.ready.#",
    arguments={"x-expires": 3_600_000},  # removes an example's queue: leave it out in a service
)


def application(url: str) -> FastStream:
    """A service that hears of every piece of media."""
    broker = RabbitBroker(url)

    @broker.subscriber(QUEUE, EXCHANGE, ack_policy=AckPolicy.NACK_ON_ERROR)
    async def picture_is_ready(message: RabbitMessage) -> None:
        event = decode(message.body)  # it may come twice, with the same id
        if isinstance(event.data, MediaReady):
            print(event.id, event.data.job_id, event.data.assets[0].sha256, flush=True)

    return FastStream(broker)


if __name__ == "__main__":
    asyncio.run(application(sys.argv[1]).run())
