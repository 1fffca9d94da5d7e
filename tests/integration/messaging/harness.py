"""The messaging parts as a service puts them together, around a handler that tests can steer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from shared.events import CloudEvent, Message
from shared.messaging import topology
from shared.messaging.connection import connection_url
from shared.messaging.outgoing import outgoing
from shared.messaging.publisher import Publisher
from shared.messaging.session import BrokerSession, make_broker
from shared.messaging.subscriber import BatchSubscriber, read_event
from shared.messaging.topology import QUORUM, Queue
from shared.observability import Check
from shared.testing import an_event, eventually

QUEUE = Queue("api.probe", "api", (topology.Binding(topology.EVENTS, "media.ready.#"),))

OTHER = Queue("api.other", "api", (topology.Binding(topology.EVENTS, "media.failed.#"),))


class Handler:
    """Remembers what it handled; breaks as it is told."""

    def __init__(self) -> None:
        self.batches: list[list[CloudEvent]] = []
        self.poison: set[str] = set()
        self.bug: Exception = RuntimeError("a bug in the handler")
        self.failure: Exception | None = None
        self.failure_once: Exception | None = None
        self.failures = 0
        self.open = asyncio.Event()
        self.open.set()

    @property
    def subjects(self) -> list[str | None]:
        """The jobs that were handled, in order."""
        return [event.subject for batch in self.batches for event in batch]

    async def __call__(self, events: Sequence[CloudEvent]) -> None:
        await self.open.wait()
        if (once := self.failure_once) is not None:
            self.failure_once = None
            raise once
        if self.failure is not None:
            self.failures += 1
            raise self.failure
        if self.poison & {event.subject or "" for event in events}:
            raise self.bug
        self.batches.append(list(events))


class Service:
    """A publisher, one batch subscriber on `api.probe`, and the session that holds them."""

    def __init__(
        self,
        url: str,
        *,
        prefetch: int = 500,
        last_stop: bool = False,
        gate: Check = lambda: None,
    ) -> None:
        self.handler = Handler()
        self.publisher = Publisher(url, app_id="probe")
        self.subscriber = BatchSubscriber(
            QUEUE.name,
            self.handler,
            read_event,
            publisher=self.publisher,
            prefetch=prefetch,
            last_stop=last_stop,
        )
        self.session = BrokerSession(
            make_broker(url, app_id="probe"),
            self.publisher,
            [self.subscriber],
            [QUEUE, *topology.API_QUEUES],
            gate=gate,
        )

    async def stop(self) -> None:
        await self.session.stop()
        await self.session.close()

    def must_be_ready(self) -> None:
        assert self.session.problem() is None

    async def ready(self, timeout: float = 30) -> "Service":  # noqa: ASYNC109
        await eventually(self.must_be_ready, timeout=timeout)
        return self

    async def tell(self, *messages: Message) -> None:
        """Publish events; each must reach a queue."""
        problems = await self.publisher.publish_many([outgoing(an_event(one)) for one in messages])
        assert problems == [None] * len(messages)

    def must_have_handled(self, *messages: Message) -> None:
        assert sorted(map(str, self.handler.subjects)) == sorted(
            str(an_event(one).subject) for one in messages
        )


@asynccontextmanager
async def running(url: str, **told: Any) -> AsyncIterator[Service]:
    """A service that is ready."""
    service = Service(url, **told)
    service.session.start()
    try:
        yield await service.ready()
    finally:
        await service.stop()


class Inbox:
    """A queue of its own, bound to an exchange: what anybody else would see."""

    def __init__(self) -> None:
        self.messages: list[AbstractIncomingMessage] = []

    async def take(self, message: AbstractIncomingMessage) -> None:
        self.messages.append(message)

    def must_hold(self, count: int) -> list[AbstractIncomingMessage]:
        assert len(self.messages) == count
        return self.messages

    @property
    def ids(self) -> list[str | None]:
        return [message.message_id for message in self.messages]


@asynccontextmanager
async def listening(url: str, exchange: str, pattern: str) -> AsyncIterator[Inbox]:
    """Everything published to `exchange` under `pattern` from now on."""
    inbox = Inbox()
    async with await aio_pika.connect(connection_url(url, name="inbox")) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(exclusive=True)
        await queue.bind(exchange, pattern)
        await queue.consume(inbox.take, no_ack=True)
        yield inbox


async def depth(url: str, queue: str) -> int:
    """How many messages wait in the queue, ready to be delivered."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        declared = await channel.declare_queue(queue, durable=True, arguments=dict(QUORUM))
        return declared.declaration_result.message_count or 0
