"""What the three processes have in common: a database, two connections to the broker, an outbox."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

import asyncpg
import orjson

from tests.benchmarks.amqp.connection import AmqpConnection, Delivery
from tests.benchmarks.amqp.frames import Publishing
from tests.benchmarks.floor.batching import Batches
from tests.benchmarks.floor.statements import FORGET

EXCHANGE = "floor"
QUEUES = {"floor.work": "requested", "floor.outcomes": "generated", "floor.verdicts": "ready"}
"""And what each is bound to."""
PREFETCH = 1000

Message = tuple[UUID, bytes]
"""A job's id and what is said of it, as JSON."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One process' ends of the wires."""

    database: asyncpg.Pool
    taking: AmqpConnection
    giving: AmqpConnection

    @classmethod
    async def open(cls, database: str, amqp: str) -> Self:
        pool = await asyncpg.create_pool(database, min_size=3, max_size=3)
        return cls(pool, await AmqpConnection.connect(amqp), await AmqpConnection.connect(amqp))

    async def take(self, queue: str, handle: Callable[[list[Delivery]], Awaitable[None]]) -> None:
        """Hand over what comes, batch by batch, and ack each batch when it was handled."""

        async def handle_and_ack(batch: list[Delivery]) -> None:
            await handle(batch)
            self.taking.ack(batch[-1][0])

        batches: Batches[Delivery] = Batches(handle_and_ack)
        await self.taking.consume(queue, PREFETCH, lambda arrived: batches.add(*arrived))
        await batches.run()


class Outbox:
    """Rows and what they say in one commit; said, with confirms, while the next is written."""

    def __init__(self, stage: Stage, key: str) -> None:
        self._stage = stage
        self._address = Publishing(EXCHANGE, key, "application/json")
        self._written: Batches[tuple[int, list[bytes]]] = Batches(self._say)

    async def write(self, statement: str, messages: list[Message]) -> None:
        """Returns when it is durable."""
        outgoing = [b'{"job":"%b","data":%b}' % (str(job).encode(), body) for job, body in messages]
        row = await self._stage.database.fetchval(
            statement, *columns(messages), b"\n".join(outgoing)
        )
        self._written.add((row, outgoing))

    async def run(self) -> None:
        """For ever."""
        await self._written.run()

    async def _say(self, batch: list[tuple[int, list[bytes]]]) -> None:
        await self._stage.giving.publish(
            self._address, [body for _, bodies in batch for body in bodies]
        )
        await self._stage.database.execute(FORGET, [row for row, _ in batch])


def read(batch: list[Delivery]) -> list[Message]:
    """As they came."""
    said: list[dict[str, Any]] = [orjson.loads(body) for _, body in batch]
    return [(UUID(one["job"]), orjson.dumps(one["data"])) for one in said]


def columns(messages: list[Message]) -> tuple[list[UUID], list[str]]:
    """Ids and bodies, for `unnest`."""
    return [job for job, _ in messages], [body.decode() for _, body in messages]


async def together(*loops: Awaitable[None]) -> None:
    """Until one of them fails."""
    await asyncio.gather(*loops)
