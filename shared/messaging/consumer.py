"""A consumer that can be paused, and that knows whether the broker still has it.

The one place that touches what FastStream and aio-pika keep to themselves. Neighbours:
`subscriber` decides what to take, `session` calls `tend` to catch up with what failed while the
broker was away, and `doubt` when the broker does not count it among a queue's consumers.
"""

import asyncio

import aiormq
import structlog
from aio_pika.robust_queue import RobustQueue
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitMessage, RabbitQueue
from faststream.rabbit.schemas.queue import QueueType
from faststream.rabbit.subscriber.usecase import RabbitSubscriber

from shared.messaging.broker import BatchBroker
from shared.messaging.waiting import not_canceled_by_connections
from shared.messaging.wire.consuming import Take

ANSWER_SECONDS = 3.0
GONE = (aiormq.AMQPError, RuntimeError, OSError)
"""The channel has closed."""

log = structlog.get_logger(__name__)


class Consumer:
    """One FastStream subscriber of one queue.

    It is `paused` by whoever has enough for now, and `held` while what is taken cannot be handled.
    """

    def __init__(self, queue: str, *, prefetch: int) -> None:
        self._name = queue
        self._prefetch = prefetch
        self._subscriber: RabbitSubscriber | None = None
        self._gate = asyncio.Lock()
        self._paused = False
        self.held = False

    def attach(self, broker: BatchBroker, take: Take) -> None:
        """Register with FastStream; consuming begins when the broker starts.

        FastStream declares and documents the queue, the deliveries go past it to `take`.
        """
        broker.takes[self._name] = take
        self._subscriber = broker.subscriber(
            RabbitQueue(self._name, queue_type=QueueType.QUORUM, durable=True, declare=False),
            channel=Channel(prefetch_count=self._prefetch),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            title=self._name,
        )
        self._subscriber(_taken_elsewhere)

    @property
    def wanted(self) -> bool:
        """Whether the broker should deliver to it now."""
        return not (self._paused or self.held)

    @property
    def alive(self) -> bool:
        """Whether the broker delivers to it now, or it is paused on purpose."""
        if self._paused:
            return True
        if self._subscriber is None or self._queue is None:
            return False
        opened = getattr(self._queue.channel, "_channel", None)
        if opened is None or opened.channel.is_closed:
            return False
        return self._subscriber._consumer_tag in opened.channel.consumers

    async def pause(self) -> None:
        """Stop deliveries; messages stay in the queue."""
        self._paused = True
        await self.tend()

    async def resume(self) -> None:
        """Have messages delivered again."""
        self._paused = False
        await self.tend()

    async def hold(self) -> None:
        """Stop deliveries, for what is taken cannot be handled."""
        self.held = True
        await self.tend()

    async def release(self) -> None:
        """It can be handled again."""
        self.held = False
        await self.tend()

    async def doubt(self) -> None:
        """The broker does not know this consumer, whatever we believe: make another one."""
        log.warning("consumer.lost", queue=self._name)
        await self._settle(wanted=False)
        await self.tend()

    async def tend(self) -> None:
        """Make it so on the broker; what cannot be done now is done by the next call."""
        await self._settle(wanted=self.wanted)

    @property
    def _queue(self) -> RobustQueue | None:
        """The queue, once the broker has started; aio-pika restores its consumers."""
        return self._subscriber._queue_obj if self._subscriber is not None else None

    async def _settle(self, *, wanted: bool) -> None:
        async with self._gate:
            try:
                with not_canceled_by_connections():
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await (self._consume() if wanted else self._cancel())
            except (*GONE, TimeoutError) as error:
                log.info("consumer.unsettled", queue=self._name, error=repr(error))

    async def _cancel(self) -> None:
        subscriber, queue = self._subscriber, self._queue
        if subscriber is None or queue is None or subscriber._consumer_tag is None:
            return
        tag, subscriber._consumer_tag = subscriber._consumer_tag, None
        await queue.cancel(tag)

    async def _consume(self) -> None:
        subscriber, queue = self._subscriber, self._queue
        if subscriber is None or queue is None or subscriber._consumer_tag is not None:
            return
        subscriber._consumer_tag = await queue.consume(
            subscriber.consume,  # type: ignore[arg-type]
            no_ack=False,
        )


async def _taken_elsewhere(message: RabbitMessage) -> None:
    """What FastStream would do with a message, if it got one."""
    raise AssertionError(f"{message.message_id} should have gone into a batch")
