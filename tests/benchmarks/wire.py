"""The CPU of one message on its way out and in: `python -m tests.benchmarks.wire [amqp url]`.

Microseconds of this process for a message of 1 KB, published with a confirm and consumed with an
ack (its JSON is not decoded), in batches of several sizes; ours beside plain aio-pika in the same
run. Without a URL it starts a broker of its own. What is consumed is published by another process,
a batch every few milliseconds, so that batches stay apart.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage

from deploy.local.rabbitmq import RabbitMQNode
from shared.messaging.declare import declare
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import Publisher
from shared.messaging.session import make_broker
from shared.messaging.subscriber import BatchSubscriber
from shared.messaging.topology import EVENTS, Binding, Queue

BODY = b"x" * 1024
KEY = "media.wire.probe"
QUEUE = Queue("api.wire", "api", (Binding(EVENTS, KEY),))
SIZES = (1, 10, 100, 500)
APART_SECONDS = 0.004

Publish = Callable[[int, int], Awaitable[None]]
"""So many messages, with numbers from this one on."""


def messages(first: int, count: int) -> list[Outgoing]:
    """Each with an id of its own, as events have them."""
    numbers = range(first, first + count)
    return [Outgoing(EVENTS, KEY, BODY, f"{n:036}", "darkroom.wire.v1") for n in numbers]


def batches_of(size: int) -> int:
    """So many that one measurement takes a second or two."""
    return max(30, 6000 // (size + 12))


@asynccontextmanager
async def our_publisher(url: str) -> AsyncIterator[Publish]:
    """`Publisher`."""
    publisher = Publisher(url, app_id="wire")
    await publisher.start()

    async def publish(first: int, count: int) -> None:
        assert not any(await publisher.publish_many(messages(first, count)))

    yield publish
    await publisher.stop()


@asynccontextmanager
async def plain_publisher(url: str) -> AsyncIterator[Publish]:
    """aio-pika, pipelined."""
    connection = await aio_pika.connect_robust(url)
    exchange = await (await connection.channel()).get_exchange(EVENTS)

    async def publish(first: int, count: int) -> None:
        made = [
            aio_pika.Message(
                BODY, delivery_mode=2, message_id=f"{n:036}", type="darkroom.wire.v1", app_id="wire"
            )
            for n in range(first, first + count)
        ]
        await asyncio.gather(*(exchange.publish(message, KEY) for message in made))

    yield publish
    await connection.close()


@asynccontextmanager
async def our_consumer(url: str, note: Callable[[int], None]) -> AsyncIterator[None]:
    """`BatchSubscriber`, with a handler that does nothing."""

    async def handle(bodies: Sequence[bytes]) -> None:
        note(len(bodies))

    broker, publisher = make_broker(url, app_id="wire"), Publisher(url, app_id="wire")
    subscriber = BatchSubscriber(
        QUEUE.name, handle, lambda delivery: delivery.body, publisher=publisher
    )
    subscriber.attach(broker)
    subscriber.start()
    await broker.start()
    yield
    await subscriber.stop()
    await broker.stop()


@asynccontextmanager
async def plain_consumer(url: str, note: Callable[[int], None]) -> AsyncIterator[None]:
    """aio-pika, with an ack each."""

    async def take(message: AbstractIncomingMessage) -> None:
        note(1)
        await message.ack()

    connection = await aio_pika.connect_robust(url)
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=500)
    queue = await channel.get_queue(QUEUE.name)
    await queue.consume(take)
    yield
    await connection.close()


async def cost_of_publishing(publish: Publish, size: int) -> float:
    """Microseconds of CPU a message."""
    await publish(0, size)
    count = batches_of(size)
    begun = time.process_time()
    for number in range(count):
        await publish(number * size, size)
    return 1e6 * (time.process_time() - begun) / (count * size)


class Arrivals:
    """Counts messages up to a number."""

    def __init__(self, wanted: int) -> None:
        self._missing = wanted
        self.all_there = asyncio.Event()

    def note(self, count: int) -> None:
        """So many more have arrived."""
        self._missing -= count
        if self._missing <= 0:
            self.all_there.set()


async def cost_of_consuming(consumer: Callable[..., object], url: str, size: int) -> float:
    """Microseconds of CPU a message."""
    count = batches_of(size)
    arrivals = Arrivals(count * size)
    async with consumer(url, arrivals.note):  # type: ignore[attr-defined]
        command = (sys.executable, "-m", "tests.benchmarks.wire", url, str(size), str(count))
        begun = time.process_time()
        feeder = await asyncio.create_subprocess_exec(*command)
        spawning = time.process_time() - begun
        begun = time.process_time()
        await asyncio.wait_for(arrivals.all_there.wait(), 120)
        spent = time.process_time() - begun
        await feeder.wait()
    assert spawning < 1
    return 1e6 * spent / (count * size)


async def feed(url: str, size: int, count: int) -> None:
    """The other process: publishes batches, and pauses between them."""
    async with our_publisher(url) as publish:
        for number in range(count):
            await publish(number * size, size)
            await asyncio.sleep(APART_SECONDS)


async def compare(url: str) -> None:
    """Print a line for each size."""
    async with await aio_pika.connect(url) as connection:
        await declare(connection, [QUEUE])
        channel = await connection.channel()
        print("us of CPU a message      publish        consume")
        print("  batch of           ours  aio-pika   ours  aio-pika")
        for size in SIZES:
            figures = []
            for publisher in (our_publisher, plain_publisher):
                async with publisher(url) as publish:
                    figures.append(await cost_of_publishing(publish, size))
                await (await channel.get_queue(QUEUE.name)).purge()
            for consumer in (our_consumer, plain_consumer):
                figures.append(await cost_of_consuming(consumer, url, size))
            print(f"  {size:8}     {'':3}" + "".join(f"{figure:9.1f}" for figure in figures))


def main(*told: str) -> None:
    """Measure on this broker, or on one that is gone afterwards; or be the other process."""
    if len(told) == 3:
        uvloop.run(feed(told[0], int(told[1]), int(told[2])))
    elif told:
        uvloop.run(compare(told[0]))
    else:
        with tempfile.TemporaryDirectory() as home:
            node = RabbitMQNode(Path(home))
            node.start()
            try:
                uvloop.run(compare(node.amqp_url))
            finally:
                node.kill()
                node.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
