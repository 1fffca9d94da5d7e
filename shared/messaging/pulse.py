"""Asking RabbitMQ for a sign of life, and whom it counts among a queue's consumers.

A broker that hangs, or a network that swallows everything, closes no connection: only asking shows
it. A connection that stays without an answer is hung up, and aio-pika makes another one: heartbeats
alone would take more than half a minute. Neighbours: `session` has the consuming connection asked
(`watch`) and the publishing one.
"""

import asyncio

import aiormq
from aio_pika.abc import AbstractRobustConnection

from shared.messaging import topology
from shared.messaging.errors import BrokerUnavailableError
from shared.messaging.waiting import not_canceled_by_connections

ANSWER_SECONDS = 3.0
HANG_UP_AFTER = 3
"""Questions without an answer."""
AWAY = "the connection to RabbitMQ is away"


class Pulse:
    """Questions on a channel of their own, of one connection."""

    def __init__(self, connection: AbstractRobustConnection) -> None:
        self._connection = connection
        self._channel: aiormq.abc.AbstractChannel | None = None
        self._unanswered = 0
        self._hanging_up: asyncio.Task[None] | None = None

    async def feel(self) -> None:
        """Raises `BrokerUnavailableError` unless the broker answers soon."""
        await self._ask(None)

    async def consumers(self, queue: str) -> int:
        """How many consumers the queue has; 0 where there is no such queue."""
        return await self._ask(queue)

    async def _ask(self, queue: str | None) -> int:
        count = 0  # of a queue that is not there
        try:
            with not_canceled_by_connections():
                async with asyncio.timeout(ANSWER_SECONDS):
                    count = await self._count(queue)
        except aiormq.ChannelNotFoundEntity:
            self._channel = None
        except TimeoutError as error:
            self._channel = None
            self._note_silence()
            raise BrokerUnavailableError("RabbitMQ does not answer") from error
        except (OSError, aiormq.AMQPError, RuntimeError) as error:
            self._channel = None
            raise BrokerUnavailableError(f"{AWAY}: {error}") from error
        self._unanswered = 0
        return count

    def _note_silence(self) -> None:
        self._unanswered += 1
        transport = self._connection.transport
        if self._unanswered >= HANG_UP_AFTER and transport is not None:
            self._unanswered = 0
            self._hanging_up = asyncio.create_task(transport.connection.close(), name="hang-up")

    async def _count(self, queue: str | None) -> int:
        channel = await self._open()
        if queue is None:
            await channel.exchange_declare(topology.EVENTS, passive=True)
            return 0
        return (await channel.queue_declare(queue, passive=True)).consumer_count or 0

    async def _open(self) -> aiormq.abc.AbstractChannel:
        if not self._connection.connected.is_set() or self._connection.transport is None:
            raise BrokerUnavailableError(AWAY)
        connection = self._connection.transport.connection
        channel = self._channel
        if channel is None or channel.is_closed or channel.connection is not connection:
            self._channel = channel = await connection.channel(publisher_confirms=False)
        return channel
