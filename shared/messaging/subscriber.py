"""Taking messages of one queue in batches: decode, handle together, ack together.

What is delivered together comes together (`wire`), and waits only for the batch at work. `handle`
writes a batch in one transaction; only then is it acked. What cannot be decoded or breaks `handle`
by a bug is published to `media.dead` with the reason and then acked (`burial`); a passing error
(database away) is tried again until it passes, and meanwhile nothing more is taken: what stays in
the queue does not come back from a process that is replaced. What has come back several times is
handled by itself (`suspects`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

import structlog

from shared.clock import Clock, SystemClock
from shared.database.transient import is_transient
from shared.errors import PermanentError
from shared.events import CloudEvent, decode
from shared.messaging.acker import Acker
from shared.messaging.batcher import InterruptedWriteError
from shared.messaging.broker import BatchBroker
from shared.messaging.burial import Burial
from shared.messaging.consumer import Consumer
from shared.messaging.delivery import Delivery
from shared.messaging.gatherer import Gatherer
from shared.messaging.publisher import PublishesMany
from shared.messaging.suspects import Suspects, is_suspect
from shared.messaging.waiting import is_canceled, is_set_within

LARGEST = 4 * 1024 * 1024
"""Bytes of a body. A request has 1 MiB at most, and what is told of it grows by little."""
FINISH = timedelta(seconds=5)
"""How long what was taken may still be handled when the process is to end."""
LONGEST_PAUSE = 2.0
ACK_SECONDS = 0.02
"""How long acks gather while there are few."""
ACK_SHARE = 8
"""No more than this part of the prefetch is waited with, so that the broker always has more."""

Item = TypeVar("Item")
Handle = Callable[[Sequence[Item]], Awaitable[None]]
Read = Callable[[Delivery], Item]

log = structlog.get_logger(__name__)


class OversizedMessageError(PermanentError):
    """The message is larger than anything that Darkroom says."""

    code = "oversized_message"
    title = "Oversized message"
    status = 413


def read_event(message: Delivery) -> CloudEvent:
    """The message as an event of the catalog."""
    return decode(message.body)


class BatchSubscriber(Generic[Item]):
    """One queue's consumer. `read` turns a message into an item or raises.

    `last_stop`: nothing comes after this queue, so whatever cannot be handled stays in it, unacked.
    `user`: our own on the broker, where dead letters are to say who sent them.
    """

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
        last_stop: bool = False,
        user: str | None = None,
    ) -> None:
        self.queue = queue
        self._handle = handle
        self._read = read
        self._largest = None if last_stop else LARGEST
        self._consumer = Consumer(queue, prefetch=prefetch)
        self._acker = Acker(patience=ACK_SECONDS, enough=max(1, prefetch // ACK_SHARE))
        self._leaving = asyncio.Event()
        self._gatherer: Gatherer[Delivery] = Gatherer(self._handle_all, limit=limit)
        self._suspects = Suspects(self._take_alone)
        self._burial = Burial(
            queue,
            None if last_stop else publisher,
            self._acker,
            clock or SystemClock(),
            self._leaving,
            user=user,
        )
        self._handling = asyncio.Lock()
        self._problem: str | None = None
        self.handled = 0

    @property
    def dead_lettered(self) -> int:
        """How many messages were published as dead."""
        return self._burial.buried

    def attach(self, broker: BatchBroker) -> None:
        """Register with FastStream; consuming begins when the broker starts."""
        self._consumer.attach(broker, self._take)

    def start(self) -> None:
        """Begin handling what is taken."""
        self._gatherer.start()
        self._burial.start()

    async def stop(self) -> None:
        """Take no more, handle what was taken; what cannot be handled now goes back unacked."""
        await self._consumer.pause()
        self._leaving.set()
        await self._suspects.stop()
        await self._gatherer.stop(FINISH)
        await self._burial.stop(FINISH)
        self._acker.flush()

    @property
    def consuming(self) -> bool:
        """Whether the broker delivers to it now, or it is paused on purpose."""
        return self._consumer.alive

    @property
    def counted(self) -> bool:
        """Whether the broker should count it among the queue's consumers now."""
        return self._consumer.wanted and self._consumer.alive

    @property
    def silent(self) -> bool:
        """Whether it should consume and does not."""
        return self._consumer.wanted and not self._consumer.alive

    @property
    def problem(self) -> str | None:
        """What it waits for, taking no more meanwhile; None when it works."""
        return self._problem if self._consumer.held else None

    async def pause(self) -> None:
        """Take no more; what was delivered is still handled. Messages stay in the queue."""
        await self._consumer.pause()

    async def resume(self) -> None:
        """Take again."""
        await self._consumer.resume()

    async def tend(self) -> None:
        """Catch up with a pause or resume that did not reach the broker."""
        await self._consumer.tend()

    async def doubt(self) -> None:
        """The broker does not count this consumer: consume anew."""
        await self._consumer.doubt()

    def _take(self, messages: list[Delivery]) -> None:
        if self._leaving.is_set():
            return
        if any(map(is_suspect, messages)):
            for message in filter(is_suspect, messages):
                self._suspects.add(message)
            messages = [message for message in messages if not is_suspect(message)]
        self._gatherer.offer_many(messages)

    async def _take_alone(self, message: Delivery) -> None:
        await self._handle_all([message])
        self._acker.flush()  # the next one may end the process

    async def _handle_all(self, messages: list[Delivery]) -> None:
        if batch := [*filter(None, map(self._readable, messages))]:
            await self._write(batch)

    def _readable(self, message: Delivery) -> tuple[Delivery, Item] | None:
        """What the message says; None when that cannot be read, and it is a dead letter now."""
        try:
            if self._largest is not None and len(message.body) > self._largest:
                raise OversizedMessageError(f"{len(message.body):,} bytes are too many")
            return message, self._read(message)
        except Exception as error:
            self._burial.add(message, error)
            return None

    async def _write(self, batch: Sequence[tuple[Delivery, Item]]) -> None:
        """A batch that fails by a bug is split until the culprit stands alone."""
        try:
            persisted = await self._persist([item for _, item in batch])
        except Exception as error:
            if len(batch) == 1:
                self._burial.add(batch[0][0], error)
                return
            middle = len(batch) // 2
            await self._write(batch[:middle])
            await self._write(batch[middle:])
            return
        if persisted:
            self.handled += len(batch)
            self._acker.ack(message for message, _ in batch)

    async def _persist(self, items: Sequence[Item]) -> bool:
        """Handle; a passing error is waited out, with the messages unacked. False: we leave."""
        pause = 0.05
        while True:
            try:
                async with self._handling:
                    await self._handle(items)
            except Exception as error:
                if not is_transient(error):
                    raise
                await self._wait_for(error, pause)
            except asyncio.CancelledError:
                if is_canceled():
                    raise
                await self._wait_for(InterruptedWriteError(), pause)
            else:
                await self._go_on()
                return True
            if await is_set_within(self._leaving, pause):
                return False
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _wait_for(self, error: Exception, pause: float) -> None:
        """From the second failure on nothing more is taken."""
        log.warning("subscriber.waiting", queue=self.queue, error=repr(error), retry_in=pause)
        if self._problem is not None and not self._consumer.held:
            await self._consumer.hold()
        self._problem = str(error)

    async def _go_on(self) -> None:
        self._problem = None
        if self._consumer.held and not self._leaving.is_set():
            await self._consumer.release()
