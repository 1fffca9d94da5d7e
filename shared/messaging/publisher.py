"""Publishing with everything that makes it safe: confirms, mandatory, persistence, a timeout.

It has a connection and a channel of its own: consumers are not stopped by a blocked publisher.
While the broker blocks publishers (memory, disk), or does not answer, `publish_many` fails at once
instead of piling up more messages on a connection that nobody reads: what was sent before that is
not known to be lost, and may arrive as well as what is sent again.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import aio_pika
import aiormq
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from aiormq.exceptions import DeliveryError, PublishError
from pamqp.commands import Basic

from shared.messaging.connection import connection_url
from shared.messaging.errors import BrokerBlockedError, BrokerUnavailableError, UndeliverableError
from shared.messaging.outgoing import Outgoing
from shared.messaging.pulse import AWAY, Pulse, is_blocked
from shared.messaging.waiting import not_canceled_by_connections

__all__ = ["BrokerUnavailableError", "Publisher", "PublishesMany", "UndeliverableError"]

LOOK_SECONDS = 1.0
"""How soon after publishing it is noticed that the broker blocks."""
CLOSE_SECONDS = 3.0


class PublishesMany(Protocol):
    """What the relay and the subscribers need of a publisher."""

    async def publish_many(
        self, messages: Sequence[Outgoing]
    ) -> list[UndeliverableError | None]: ...


class Publisher:
    """Publishes batches on one channel."""

    def __init__(
        self, url: str, *, app_id: str, timeout: timedelta = timedelta(seconds=15)
    ) -> None:
        self._url = url
        self._app_id = app_id
        self._timeout = timeout.total_seconds()
        self._connection: AbstractRobustConnection | None = None
        self._channel: AbstractRobustChannel | None = None
        self._pulse: Pulse | None = None
        self._unanswered = False
        self._in_flight: dict[str, asyncio.Event] = {}

    async def start(self) -> None:
        """Connect. Raises `BrokerUnavailableError`."""
        try:
            self._connection = await aio_pika.connect_robust(
                connection_url(self._url, name=f"{self._app_id} out"),
                timeout=10,
                reconnect_interval=1,
            )
            self._channel = await self._open_channel(self._connection)
            self._pulse = Pulse(self._connection)
        except (OSError, aiormq.AMQPError) as error:
            await self.stop()
            raise BrokerUnavailableError(f"RabbitMQ: {_reason(error)}") from error

    @staticmethod
    async def _open_channel(connection: AbstractRobustConnection) -> AbstractRobustChannel:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        assert isinstance(channel, AbstractRobustChannel)
        return channel

    async def stop(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        self._channel = self._pulse = None
        if connection is not None:
            await connection.close()

    @property
    def connected(self) -> bool:
        """Whether publishing can be tried now."""
        return self._connection is not None and self._connection.connected.is_set()

    async def look(self) -> None:
        """Raises `BrokerUnavailableError`, which says why publishing cannot succeed now."""
        await self._must_be_usable(ask=True)

    async def _must_be_usable(self, *, ask: bool) -> None:
        if self._connection is None or self._channel is None or self._pulse is None:
            raise BrokerUnavailableError("RabbitMQ is not connected")
        if not self.connected:
            raise BrokerUnavailableError(AWAY)
        if await is_blocked(self._connection):
            raise BrokerBlockedError
        if ask:
            await self._pulse.feel()

    @property
    def connection(self) -> AbstractRobustConnection:
        """For declaring topology."""
        if self._connection is None:
            raise BrokerUnavailableError("RabbitMQ is not connected")
        return self._connection

    async def publish_many(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        """Publish all, pipelined, and wait for every confirm.

        Answers each message, in order: None, or why the broker returned it. Raises
        `BrokerUnavailableError` when any was neither confirmed nor returned: all may have to be
        published again (with the same ids).
        """
        try:
            with not_canceled_by_connections():
                async with asyncio.timeout(self._timeout):
                    results = await self._confirmed(await self._underlay(), messages)
        except TimeoutError as error:
            self._unanswered = True
            raise BrokerUnavailableError("RabbitMQ did not confirm in time") from error
        except (OSError, aiormq.AMQPError, RuntimeError) as error:
            raise BrokerUnavailableError(f"publishing {len(messages)}: {error!r}") from error
        return [self._verdict(result) for result in results]

    async def publish(self, message: Outgoing) -> None:
        """Publish one. Raises `UndeliverableError` or `BrokerUnavailableError`."""
        [problem] = await self.publish_many([message])
        if problem is not None:
            raise problem

    async def _underlay(self) -> aiormq.Channel:
        await self._must_be_usable(ask=self._unanswered)
        assert self._connection is not None
        assert self._channel is not None
        if self._unanswered:
            await self._replace_channel(self._channel)
        if self._channel.is_closed:
            self._channel = await self._open_channel(self._connection)
        underlay = await self._channel.get_underlay_channel()
        assert isinstance(underlay, aiormq.Channel)
        return underlay

    async def _replace_channel(self, channel: AbstractRobustChannel) -> None:
        """With it goes what the broker holds of it and has not put into a queue yet."""
        with contextlib.suppress(TimeoutError, aiormq.AMQPError, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await channel.close()
        self._unanswered = False

    async def _confirmed(
        self, channel: aiormq.Channel, messages: Sequence[Outgoing]
    ) -> list[BaseException | None]:
        """What became of each; raises `BrokerBlockedError` when the broker stops reading."""
        everything = asyncio.gather(
            *(self._publish(channel, message) for message in messages), return_exceptions=True
        )
        try:
            while not (await asyncio.wait({everything}, timeout=LOOK_SECONDS))[0]:
                if self._connection is not None and await is_blocked(self._connection):
                    raise BrokerBlockedError
            return everything.result()
        finally:
            everything.cancel()

    async def _publish(self, channel: aiormq.Channel, message: Outgoing) -> None:
        """One message at a time for each id: aiormq tells returned messages apart by their ids."""
        message_id = message.message_id
        while (same := self._in_flight.get(message_id)) is not None:
            await same.wait()
        self._in_flight[message_id] = confirmed = asyncio.Event()
        try:
            await channel.basic_publish(
                message.body,
                exchange=message.exchange,
                routing_key=message.routing_key,
                mandatory=message.mandatory,
                properties=self._properties(message),
                wait=False,  # for the socket's buffer: the confirm says more, and costs less
            )
        finally:
            del self._in_flight[message_id]
            confirmed.set()

    def _properties(self, message: Outgoing) -> Basic.Properties:
        return Basic.Properties(
            content_type=message.content_type,
            message_id=message.message_id,
            message_type=message.type,
            timestamp=message.timestamp,
            correlation_id=message.correlation_id,
            app_id=self._app_id,
            delivery_mode=2 if message.persistent else 1,
            headers=dict(message.headers) or None,
        )

    @staticmethod
    def _verdict(result: "BaseException | None") -> UndeliverableError | None:
        if result is None:
            return None
        if isinstance(result, PublishError):
            return UndeliverableError(f"no queue is bound for it: {result}")
        if isinstance(result, DeliveryError):
            return UndeliverableError(f"the broker refused it: {result}")
        if isinstance(result, asyncio.CancelledError | OSError | aiormq.AMQPError | RuntimeError):
            raise BrokerUnavailableError(f"not confirmed: {result!r}") from result
        if isinstance(result, Exception):
            return UndeliverableError(f"it cannot be sent: {result!r}")
        raise result


def _reason(error: Exception) -> str:
    """What the libraries say, without the class names and numbers around it."""
    if isinstance(error, TimeoutError):
        return "no answer"
    said = [part for part in error.args if isinstance(part, str)]
    return " ".join(said) or repr(error)
