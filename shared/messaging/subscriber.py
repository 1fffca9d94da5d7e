"""Taking messages of one queue in batches: decode, handle together, ack together.

The subscriber is FastStream's, with manual ack and prefetch; its handler only puts the message
into the batch. `handle` writes a batch in one transaction; only then is it acked. What cannot be
decoded or breaks `handle` by a bug is published to `media.dead` with the reason and then acked;
a passing error (database away) is tried again until it passes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog
from faststream.rabbit import RabbitBroker, RabbitMessage

from shared.clock import Clock, SystemClock
from shared.database.transient import is_transient
from shared.events import CloudEvent, decode
from shared.messaging.acker import Acker
from shared.messaging.batcher import Batcher
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import dead_letter
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import PublishesMany

Item = TypeVar("Item")
Handle = Callable[[Sequence[Item]], Awaitable[None]]
Read = Callable[[RabbitMessage], Item]

log = structlog.get_logger(__name__)


def read_event(message: RabbitMessage) -> CloudEvent:
    """The message as an event of the catalog."""
    return decode(message.body)


class BatchSubscriber(Generic[Item]):
    """One queue's consumer. `read` turns a message into an item or raises."""

    def __init__(
        self,
        queue: str,
        handle: Handle[Item],
        read: Read[Item],
        *,
        publisher: PublishesMany,
        prefetch: int = 500,
        limit: int = 500,
        clock: Clock | None = None,
    ) -> None:
        self.queue = queue
        self._handle = handle
        self._read = read
        self._publisher = publisher
        self._clock = clock or SystemClock()
        self._consumer = Consumer(queue, prefetch=prefetch)
        self._acker = Acker()
        self._batcher: Batcher[tuple[RabbitMessage, Item], None] = Batcher(self._write, limit=limit)
        self._graves: Batcher[tuple[RabbitMessage, Exception], None] = Batcher(
            self._bury, limit=100
        )
        self._leaving = asyncio.Event()
        self.handled = 0
        self.dead_lettered = 0

    def attach(self, broker: RabbitBroker) -> None:
        """Register with FastStream; consuming begins when the broker starts."""
        self._consumer.attach(broker, self._take)

    def start(self) -> None:
        """Begin handling what is taken."""
        self._batcher.start()
        self._graves.start()

    async def stop(self) -> None:
        """Take no more, handle what was taken; what cannot be handled now goes back unacked."""
        await self._consumer.pause()
        self._leaving.set()
        await self._batcher.stop()
        await self._graves.stop()

    @property
    def consuming(self) -> bool:
        """Whether the broker delivers to it now, or it is paused on purpose."""
        return self._consumer.alive

    async def pause(self) -> None:
        """Take no more; what was delivered is still handled. Messages stay in the queue."""
        await self._consumer.pause()

    async def resume(self) -> None:
        """Take again."""
        await self._consumer.resume()

    async def tend(self) -> None:
        """Catch up with a pause or resume that did not reach the broker."""
        await self._consumer.tend()

    async def _take(self, message: RabbitMessage) -> None:
        if self._leaving.is_set():
            return
        try:
            item = self._read(message)
        except Exception as error:
            self._graves.offer((message, error)).add_done_callback(_report)
        else:
            self._batcher.offer((message, item)).add_done_callback(_report)

    async def _write(self, batch: Sequence[tuple[RabbitMessage, Item]]) -> Sequence[None]:
        try:
            persisted = await self._persist([item for _, item in batch])
        except Exception as error:
            if len(batch) > 1:
                raise
            self._graves.offer((batch[0][0], error)).add_done_callback(_report)
            return [None]
        if persisted:
            self.handled += len(batch)
            await self._acker.ack(message for message, _ in batch)
        return [None] * len(batch)

    async def _persist(self, items: Sequence[Item]) -> bool:
        """Handle; a passing error is waited out, with the messages unacked. False: we leave."""
        pause = 0.05
        while True:
            try:
                await self._handle(items)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning(
                    "subscriber.waiting", queue=self.queue, error=repr(error), retry_in=pause
                )
            else:
                return True
            if await self._leaves_within(pause):
                return False
            pause = min(pause * 2, 5.0)

    async def _bury(self, batch: Sequence[tuple[RabbitMessage, Exception]]) -> Sequence[None]:
        now = self._clock.now()
        letters = [dead_letter(m, queue=self.queue, error=error, now=now) for m, error in batch]
        pause = 0.1
        while not await self._sent(letters):
            if await self._leaves_within(pause):
                return [None] * len(batch)
            pause = min(pause * 2, 5.0)
        self.dead_lettered += len(letters)
        for letter, (_, error) in zip(letters, batch, strict=True):
            log.error(
                "message.dead_lettered",
                queue=self.queue,
                message_id=letter.message_id,
                error_class=type(error).__name__,
                error=str(error)[:500],
            )
        await self._acker.ack(message for message, _ in batch)
        return [None] * len(batch)

    async def _sent(self, letters: Sequence[Outgoing]) -> bool:
        try:
            problems = await self._publisher.publish_many(letters)
        except Exception as error:
            log.warning("dead_letter.waiting", queue=self.queue, error=repr(error))
            return False
        for problem in filter(None, problems):
            log.warning("dead_letter.waiting", queue=self.queue, error=problem.detail)
            return False
        return True

    async def _leaves_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._leaving.wait()
        except TimeoutError:
            return False


def _report(future: "asyncio.Future[None]") -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None:
        log.error("subscriber.failed", error=repr(error), exc_info=error)
