"""Hearing of a job's end over AMQP, as another service would."""

import asyncio
import json
import time
from typing import Self

from tests.benchmarks.amqp.connection import AmqpConnection, Delivery
from tests.benchmarks.system import AmqpDoor

_PREFETCH = 100
_PATIENCE = 60.0


class Listener:
    """A queue bound to where ends are told, and the moment at which each was heard."""

    def __init__(self, connection: AmqpConnection) -> None:
        self._connection = connection
        self._heard: dict[str, asyncio.Future[float]] = {}

    @classmethod
    async def start(cls, door: AmqpDoor) -> Self:
        """Listen from now on."""
        connection = await AmqpConnection.connect(door.url)
        self = cls(connection)
        queue = await connection.declare_ear(door.ready_exchange, door.ready_key)
        await connection.consume(queue, _PREFETCH, self._on_deliveries)
        return self

    async def heard(self, job: str) -> float:
        """The moment at which the end of this job was heard, perhaps before it was asked for."""
        async with asyncio.timeout(_PATIENCE):
            return await self._of(job)

    def close(self) -> None:
        self._connection.close()

    def _of(self, job: str) -> asyncio.Future[float]:
        return self._heard.setdefault(job, asyncio.get_running_loop().create_future())

    def _on_deliveries(self, deliveries: list[Delivery]) -> None:
        now = time.monotonic()
        for _, body in deliveries:
            heard = self._of(str(json.loads(body)["subject"]))
            if not heard.done():
                heard.set_result(now)
        self._connection.ack(deliveries[-1][0])
