"""Asking RabbitMQ for a sign of life, and whom it counts among a queue's consumers.

A broker that hangs, or a network that swallows everything, closes no connection: only asking shows
it. Neighbours: `session` asks on the consuming connection, `publisher` before it publishes again
after something was not answered.
"""

import asyncio

import aiormq
from aio_pika.abc import AbstractRobustConnection

from shared.messaging import topology
from shared.messaging.errors import BrokerUnavailableError

ANSWER_SECONDS = 3.0
AWAY = "the connection to RabbitMQ is away"


class Pulse:
    """Questions on a channel of their own, of one connection."""

    def __init__(self, connection: AbstractRobustConnection) -> None:
        self._connection = connection
        self._channel: aiormq.abc.AbstractChannel | None = None

    async def feel(self) -> None:
        """Raises `BrokerUnavailableError` unless the broker answers soon."""
        await self._ask(None)

    async def consumers(self, queue: str) -> int:
        """How many consumers the queue has; 0 where there is no such queue."""
        return await self._ask(queue)

    async def _ask(self, queue: str | None) -> int:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                channel = await self._open()
                if queue is None:
                    await channel.exchange_declare(topology.EVENTS, passive=True)
                    return 0
                return (await channel.queue_declare(queue, passive=True)).consumer_count or 0
        except aiormq.ChannelNotFoundEntity:
            self._channel = None
            return 0
        except TimeoutError as error:
            self._channel = None
            raise BrokerUnavailableError("RabbitMQ does not answer") from error
        except (OSError, aiormq.AMQPError, RuntimeError) as error:
            self._channel = None
            raise BrokerUnavailableError(f"{AWAY}: {error}") from error

    async def _open(self) -> aiormq.abc.AbstractChannel:
        if not self._connection.connected.is_set() or self._connection.transport is None:
            raise BrokerUnavailableError(AWAY)
        connection = self._connection.transport.connection
        channel = self._channel
        if channel is None or channel.is_closed or channel.connection is not connection:
            self._channel = channel = await connection.channel(publisher_confirms=False)
        return channel


async def is_blocked(connection: AbstractRobustConnection) -> bool:
    """Whether the broker has told us to publish no more (`connection.blocked`)."""
    if connection.transport is None:
        return False
    try:
        async with asyncio.timeout(0):
            await connection.transport.connection.ready()
    except TimeoutError:
        return connection.connected.is_set()
    return False
