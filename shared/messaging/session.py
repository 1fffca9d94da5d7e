"""A service's life with the broker: connect, declare, consume, come back, leave in order.

A service starts whether the broker is there or not; it becomes ready when it is.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import structlog
from faststream.rabbit import RabbitBroker, RabbitMessage

from shared.messaging.connection import connection_url
from shared.messaging.declare import declare
from shared.messaging.publisher import Publisher
from shared.messaging.subscriber import BatchSubscriber
from shared.messaging.topology import Queue

WATCH_SECONDS = 1.0
REDECLARE_AFTER = 3
"""After so many looks at a silent consumer the queues are declared again."""
DECLARE_SECONDS = 30.0
CLOSE_SECONDS = 5.0

log = structlog.get_logger(__name__)


def make_broker(url: str, *, app_id: str) -> RabbitBroker:
    """FastStream's broker with the settings the hot path asks for."""
    return RabbitBroker(
        connection_url(url, name=f"{app_id} in"),
        app_id=app_id,
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
        apply_types=False,
        decoder=_leave_as_it_is,
        graceful_timeout=10,
        reconnect_interval=1,
    )


async def _leave_as_it_is(message: RabbitMessage) -> RabbitMessage:
    """Handlers take the message itself: its delivery to ack, its bytes to decode once."""
    return message


class BrokerSession:
    """The publisher, the queues and the subscribers of one service process."""

    def __init__(
        self,
        broker: RabbitBroker,
        publisher: Publisher,
        subscribers: Sequence[BatchSubscriber[Any]],
        queues: Iterable[Queue],
        *,
        may_declare: bool = True,
    ) -> None:
        self._broker = broker
        self._publisher = publisher
        self._subscribers = tuple(subscribers)
        self._queues = tuple(queues)
        self._may_declare = may_declare
        self._task: asyncio.Task[None] | None = None
        self._problem = "not connected yet"
        self.consuming = asyncio.Event()
        for subscriber in self._subscribers:
            subscriber.attach(broker)

    def start(self) -> None:
        """Connect in the background, as often as it takes."""
        for subscriber in self._subscribers:
            subscriber.start()
        self._task = asyncio.create_task(self._run(), name="broker-session")

    async def stop(self) -> None:
        """Cancel consumers, handle what was taken, close."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*(subscriber.stop() for subscriber in self._subscribers))
        await _closed("consuming", self._broker.stop())

    async def close(self) -> None:
        """Close the publisher: the last thing, after the relay has stopped."""
        await _closed("publishing", self._publisher.stop())

    def problem(self) -> str | None:
        """Why this service cannot work with the broker now; None when it can."""
        if not self.consuming.is_set():
            return self._problem
        if not self._publisher.connected:
            return "the publishing connection is away"
        silent = [s.queue for s in self._subscribers if not s.consuming]
        return f"not consuming: {', '.join(silent)}" if silent else None

    async def _run(self) -> None:
        await self._connect()
        silent_for = 0
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await asyncio.gather(*(subscriber.tend() for subscriber in self._subscribers))
            silent = self._publisher.connected and not all(s.consuming for s in self._subscribers)
            silent_for = silent_for + 1 if silent else 0
            if silent_for >= REDECLARE_AFTER:
                silent_for = 0
                await self._declare_again()

    async def _connect(self) -> None:
        pause = 0.2
        while True:
            try:
                await self._publisher.start()
                if self._may_declare:
                    await declare(self._publisher.connection, self._queues)
                await self._broker.start()
            except Exception as error:
                self._problem = str(error) or repr(error)
                log.warning("broker.unavailable", error=self._problem, retry_in=pause)
                await _closed("publishing", self._publisher.stop())
                await _closed("consuming", self._broker.stop())
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self.consuming.set()
                log.info("broker.connected", queues=[s.queue for s in self._subscribers])
                return

    async def _declare_again(self) -> None:
        """Queues that were deleted, or a broker that came back empty: aio-pika then consumes."""
        if not self._may_declare:
            return
        try:
            async with asyncio.timeout(DECLARE_SECONDS):
                await declare(self._publisher.connection, self._queues)
        except Exception as error:
            log.warning("broker.not_declared", error=repr(error))


async def _closed(what: str, closing: Awaitable[None]) -> None:
    """Close politely; a connection that does not answer is gone already."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing
    except Exception as error:
        log.info("broker.not_closed", connection=what, error=repr(error))
