"""A service's life with the broker: connect, declare, consume, come back, leave in order.

A service starts whether the broker is there or not; it becomes ready when it is. Before the
`gate` is open (the database answers) it takes nothing: a message that cannot be handled yet is
better off in its queue, where no restart of this process counts against it.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any

import structlog

from shared.canceling import end
from shared.messaging.broker import BatchBroker, make_broker
from shared.messaging.declare import declare
from shared.messaging.errors import BrokerUnavailableError
from shared.messaging.publisher import Publisher
from shared.messaging.subscriber import BatchSubscriber
from shared.messaging.topology import Queue
from shared.messaging.waiting import not_canceled_by_connections
from shared.messaging.watch import ConsumerWatch
from shared.observability.health import Check, ask

START_SECONDS = 20.0
WATCH_SECONDS = 1.0
REDECLARE_AFTER = 3
"""After so many looks at a silent consumer the queues are declared again."""
DECLARE_SECONDS = 30.0
CLOSE_SECONDS = 3.0

__all__ = ["BrokerSession", "make_broker"]

log = structlog.get_logger(__name__)


class BrokerSession:
    """The publisher, the queues and the subscribers of one service process."""

    def __init__(
        self,
        broker: BatchBroker,
        publisher: Publisher,
        subscribers: Sequence[BatchSubscriber[Any]],
        queues: Iterable[Queue],
        *,
        may_declare: bool = True,
        gate: Check = lambda: None,
    ) -> None:
        self._broker = broker
        self._publisher = publisher
        self._subscribers = tuple(subscribers)
        self._queues = tuple(queues)
        self._may_declare = may_declare
        self._gate = gate
        self._watch: ConsumerWatch | None = None
        self._task: asyncio.Task[None] | None = None
        self._problem: str | None = None
        self._silent_for = 0
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
            await end([self._task])
        await asyncio.gather(*(subscriber.stop() for subscriber in self._subscribers))
        await _closed("consuming", self._broker.stop())

    async def close(self) -> None:
        """Close the publisher: the last thing, after the relay has stopped."""
        await _closed("publishing", self._publisher.stop())

    def problem(self) -> str | None:
        """Why this service cannot work with the broker now; None when it can."""
        if not self.consuming.is_set():
            return self._problem or "not connected yet"
        if not self._publisher.connected:
            return "the publishing connection is away"
        if self._problem is not None:
            return self._problem
        silent = [s.queue for s in self._subscribers if not s.consuming and s.problem is None]
        return f"not consuming: {', '.join(silent)}" if silent else None

    async def _run(self) -> None:
        await self._connect()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                with not_canceled_by_connections():
                    await self._watch_over()
            except Exception as error:
                self._problem = _reason(error)
                log.exception("broker.not_watched")

    async def _watch_over(self) -> None:
        await asyncio.gather(*(subscriber.tend() for subscriber in self._subscribers))
        self._problem = await self._look()
        silent = self._publisher.connected and any(s.silent for s in self._subscribers)
        self._silent_for = self._silent_for + 1 if silent else 0
        if self._silent_for >= REDECLARE_AFTER:
            self._silent_for = 0
            await self._declare_again()

    async def _look(self) -> str | None:
        assert self._watch is not None
        answers = await asyncio.gather(self._why_not_publishing(), self._watch.look())
        waiting = [f"{s.queue} waits: {s.problem}" for s in self._subscribers if s.problem]
        return "; ".join([*filter(None, dict.fromkeys(answers)), *waiting]) or None

    async def _why_not_publishing(self) -> str | None:
        try:
            await self._publisher.look()
        except BrokerUnavailableError as error:
            return error.detail
        return None

    async def _connect(self) -> None:
        pause = 0.2
        while True:
            try:
                with not_canceled_by_connections():
                    await self._begin()
            except Exception as error:
                self._problem = _reason(error)
                log.warning("broker.unavailable", error=repr(error), retry_in=pause)
                await _closed("publishing", self._publisher.stop())
                await _closed("consuming", self._broker.stop())
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                self._problem = None
                self.consuming.set()
                log.info("broker.connected", queues=[s.queue for s in self._subscribers])
                return

    async def _begin(self) -> None:
        await self._publisher.start()
        async with asyncio.timeout(DECLARE_SECONDS):
            if self._may_declare:
                await declare(self._publisher.connection, self._queues)
        while (why_not := await ask(self._gate)) is not None:
            self._problem = f"nothing is taken before the database answers: {why_not}"
            await asyncio.sleep(WATCH_SECONDS)
        async with asyncio.timeout(START_SECONDS):
            self._watch = ConsumerWatch(await self._broker.connect(), self._subscribers)
            await self._broker.start()

    async def _declare_again(self) -> None:
        """Queues that were deleted, or a broker that came back empty: aio-pika then consumes."""
        if not self._may_declare:
            return
        try:
            with not_canceled_by_connections():
                async with asyncio.timeout(DECLARE_SECONDS):
                    await declare(self._publisher.connection, self._queues)
        except Exception as error:
            log.warning("broker.not_declared", error=repr(error))


def _reason(error: Exception) -> str:
    return "RabbitMQ does not answer" if isinstance(error, TimeoutError) else str(error)


async def _closed(what: str, closing: Awaitable[None]) -> None:
    """Close politely; a connection that does not answer is gone already."""
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await closing
    except Exception as error:
        log.info("broker.not_closed", connection=what, error=repr(error))
