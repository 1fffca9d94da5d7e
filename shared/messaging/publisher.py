"""Publishing with everything that makes it safe: confirms, mandatory, persistence, a timeout.

It has a connection and a channel of its own: consumers are not stopped by a blocked publisher.
While the broker blocks publishers (memory, disk), or does not answer, `publish_many` fails at once
instead of piling up more messages on a connection that nobody reads: what was sent before that is
not known to be lost, and may arrive as well as what is sent again.

A request for a queue of overflow that nobody has declared yet goes to the queue that it was to
spare: an older generator, or a broker whose definitions are older, keeps no job from being made.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn, Protocol

import aio_pika
import aiormq
import structlog
from aio_pika.abc import AbstractRobustConnection

from shared.messaging import topology
from shared.messaging.connection import connection_url
from shared.messaging.errors import (
    BrokerBlockedError,
    BrokerUnavailableError,
    UndeliverableError,
    UnroutableError,
)
from shared.messaging.outgoing import Outgoing
from shared.messaging.pulse import AWAY, Pulse
from shared.messaging.waiting import not_canceled_by_connections
from shared.messaging.wire.batch import SentBatch
from shared.messaging.wire.connection import WireConnection
from shared.messaging.wire.publishing import PublishingChannel

__all__ = ["BrokerUnavailableError", "Publisher", "PublishesMany", "UndeliverableError"]

CLOSE_SECONDS = 3.0
AT_ONCE = 256 * 1024
"""Bytes of bodies that are written together, unless one message alone has more."""
PARTS_AHEAD = 2
"""So many of them may be unconfirmed: no more than that piles up before a slow broker."""

log = structlog.get_logger(__name__)


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
        self._connection: WireConnection | None = None
        self._channel: PublishingChannel | None = None
        self._pulse: Pulse | None = None
        self._opening = asyncio.Lock()
        self._unanswered = False

    async def start(self) -> None:
        """Connect. Raises `BrokerUnavailableError`."""
        try:
            self._connection = await aio_pika.connect_robust(
                connection_url(self._url, name=f"{self._app_id} out"),
                timeout=10,
                reconnect_interval=1,
                connection_class=WireConnection,
            )
            self._channel = await self._connection.publishing_channel(self._app_id)
            self._pulse = Pulse(self._connection)
        except (OSError, aiormq.AMQPError) as error:
            await self.stop()
            raise BrokerUnavailableError(f"RabbitMQ: {_reason(error)}") from error

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
        if self._connection is None or self._pulse is None:
            raise BrokerUnavailableError("RabbitMQ is not connected")
        if not self.connected:
            raise BrokerUnavailableError(AWAY)
        if self._connection.blocked:
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
        answers = await self._publish_all(messages)
        if answers.count(None) < len(answers):
            await self._publish_spared(messages, answers)
        return answers

    async def _publish_spared(
        self, messages: Sequence[Outgoing], answers: list[UndeliverableError | None]
    ) -> None:
        """Those that no queue of overflow was there for, to the queues that it was to spare."""
        instead = {
            number: replace(messages[number], routing_key=key)
            for number, answer in enumerate(answers)
            if isinstance(answer, UnroutableError)
            and messages[number].exchange == topology.EVENTS
            and (key := topology.spared_key(messages[number].routing_key))
        }
        if instead:
            keys = sorted({message.routing_key for message in instead.values()})
            log.warning("publisher.no_overflow_queue", instead=keys, do="darkroom topology apply")
            again = await self._publish_all(list(instead.values()))
            for number, answer in zip(instead, again, strict=True):
                answers[number] = answer

    async def _publish_all(self, messages: Sequence[Outgoing]) -> list[UndeliverableError | None]:
        channel = self._ready_channel() or await self._prepared_channel()
        deadline = asyncio.get_running_loop().time() + self._timeout
        answers: list[UndeliverableError | None] = []
        sent: deque[SentBatch] = deque()
        for part in in_parts(messages, AT_ONCE):
            try:
                sent.append(channel.send(part, deadline))
            except (OSError, RuntimeError) as error:
                self._give_up(error)
            if len(sent) == PARTS_AHEAD:
                answers += await self._confirmed(sent.popleft())
        for batch in sent:
            answers += await self._confirmed(batch)
        return answers

    async def publish(self, message: Outgoing) -> None:
        """Publish one. Raises `UndeliverableError` or `BrokerUnavailableError`."""
        [problem] = await self.publish_many([message])
        if problem is not None:
            raise problem

    def _ready_channel(self) -> PublishingChannel | None:
        """The channel, if there is nothing to ask or to do before it is used."""
        channel, connection = self._channel, self._connection
        if channel is None or connection is None or self._unanswered:
            return None
        return channel if channel.usable and not connection.blocked else None

    async def _prepared_channel(self) -> PublishingChannel:
        """Ask, and open one. Raises `BrokerUnavailableError`."""
        with self._explaining():
            async with asyncio.timeout(self._timeout), self._opening:
                await self._must_be_usable(ask=self._unanswered)
                assert self._connection is not None
                if self._unanswered and self._channel is not None:
                    await self._close_channel(self._channel)
                if self._channel is None or not self._channel.usable:
                    self._channel = await self._connection.publishing_channel(self._app_id)
                return self._channel

    async def _close_channel(self, channel: PublishingChannel) -> None:
        """With it goes what the broker holds of it and has not put into a queue yet."""
        channel.close(ConnectionAbortedError("the broker did not answer on it"))
        with contextlib.suppress(TimeoutError, aiormq.AMQPError, RuntimeError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await channel.underlay.close()
        self._unanswered = False

    async def _confirmed(self, batch: SentBatch) -> list[UndeliverableError | None]:
        await batch.done
        if batch.failure is not None:
            self._give_up(batch.failure)
        return batch.answers()

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            with not_canceled_by_connections():
                yield
        except (OSError, aiormq.AMQPError, RuntimeError) as error:
            self._give_up(error)

    def _give_up(self, error: Exception) -> NoReturn:
        if isinstance(error, BrokerUnavailableError):
            raise error
        if isinstance(error, TimeoutError):
            self._unanswered = True
            raise BrokerUnavailableError("RabbitMQ did not confirm in time") from error
        raise BrokerUnavailableError(f"not confirmed: {error!r}") from error


def _reason(error: Exception) -> str:
    """What the libraries say, without the class names and numbers around it."""
    if isinstance(error, TimeoutError):
        return "no answer"
    said = [part for part in error.args if isinstance(part, str)]
    return " ".join(said) or repr(error)


def in_parts(messages: Sequence[Outgoing], at_once: int) -> Iterator[Sequence[Outgoing]]:
    """In order, so many together as have no more bytes than that, and at least one."""
    if sum(len(message.body) for message in messages) <= at_once:
        yield messages
        return
    part: list[Outgoing] = []
    size = 0
    for message in messages:
        if part and size + len(message.body) > at_once:
            yield part
            part, size = [], 0
        part.append(message)
        size += len(message.body)
    yield part
