"""The driver's own way to the broker: aio-pika, never Darkroom's messaging; reconnecting by hand.

Neighbours: `observer` reads, `commands` and `republishing` write.
"""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import suppress

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection

_ANSWERS_WITHIN = 5.0


class Wire:
    """Connections to whichever node answers."""

    def __init__(self, urls: Sequence[str], name: str) -> None:
        self._turns = itertools.cycle(urls)
        self._name = name

    async def connect(self) -> AbstractConnection:
        """Raises what keeps the next node from answering."""
        async with asyncio.timeout(_ANSWERS_WITHIN):
            return await aio_pika.connect(
                next(self._turns), heartbeat=5, client_properties={"connection_name": self._name}
            )


class Mouth:
    """Publishes with confirms, and again until the broker has confirmed."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._connection: AbstractConnection | None = None
        self._channel: AbstractChannel | None = None
        self._connecting = asyncio.Lock()

    async def say(self, exchange: str, routing_key: str, message: aio_pika.Message) -> None:
        """Returns once the broker has it. The message may be there twice: ids make it one."""
        while True:
            channel = None
            try:
                channel = await self._open()
                async with asyncio.timeout(_ANSWERS_WITHIN):
                    where = await channel.get_exchange(exchange, ensure=False)
                    await where.publish(message, routing_key)
                return
            except asyncio.CancelledError:
                if (task := asyncio.current_task()) is None or task.cancelling():
                    raise  # else it is aiormq's word for a connection that has died
            except Exception:  # aiormq's words are many, a bare `Exception` among them
                pass
            if channel is not None and channel is self._channel:
                await self.close()
            await asyncio.sleep(0.3)

    async def close(self) -> None:
        """Forget the connection; the next word opens another."""
        connection, self._connection, self._channel = self._connection, None, None
        if connection is not None:
            with suppress(Exception):
                async with asyncio.timeout(1):
                    await connection.close()

    async def _open(self) -> AbstractChannel:
        async with self._connecting:
            if self._channel is None or self._channel.is_closed:
                await self.close()
                self._connection = await self._wire.connect()
                self._channel = await self._connection.channel(publisher_confirms=True)
            return self._channel
