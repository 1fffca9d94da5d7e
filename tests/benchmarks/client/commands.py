"""Commands over AMQP, as another service would publish them that has many to give."""

import asyncio
import itertools
import time

from tests.benchmarks.amqp.connection import AmqpConnection
from tests.benchmarks.amqp.frames import Publishing
from tests.benchmarks.client.plans import Outcome, Plan
from tests.benchmarks.client.requests import unique

_BATCH = 200
_IN_FLIGHT = 5


async def send_commands(plan: Plan) -> Outcome:
    """Publish one command a job, `_BATCH` in a write, until the broker has confirmed all."""
    assert plan.amqp is not None
    door = plan.amqp
    connection = await AmqpConnection.connect(door.url)
    address = Publishing(door.exchange, door.routing_key, door.content_type)
    bodies = itertools.islice(itertools.cycle(door.bodies), plan.jobs)
    commands = [unique(body).encode() for body in bodies]  # not while the time is taken
    places = asyncio.Semaphore(_IN_FLIGHT)

    async def publish(batch: list[bytes]) -> None:
        async with places:
            await connection.publish(address, batch)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for first in range(0, len(commands), _BATCH):
            group.create_task(publish(commands[first : first + _BATCH]))
    ended = time.monotonic()
    connection.close()
    return Outcome(began, ended, len(commands))
