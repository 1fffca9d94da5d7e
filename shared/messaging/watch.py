"""Whether RabbitMQ really has the consumers that this process believes to have.

A consumer can be lost without a word (a broker that hangs, a fail-over), so the broker is asked:
for a sign of life at every look, and for the number of consumers of each queue in turn. Other
processes consume the same queues, so only a queue without any consumer tells that ours is lost.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Protocol

from aio_pika.abc import AbstractRobustConnection

from shared.messaging.errors import BrokerUnavailableError
from shared.messaging.pulse import Pulse

LOOKS_A_ROUND = 5
"""Every queue is counted once in so many looks."""
LOST_AFTER = 3
"""A quorum queue without a leader counts nobody for a moment: one look proves nothing."""


class Counted(Protocol):
    """A subscriber, as far as it is watched. `counted`: the broker should know its consumer."""

    queue: str

    @property
    def counted(self) -> bool: ...

    async def doubt(self) -> None: ...


class ConsumerWatch:
    """Looks after the consumers of one connection."""

    def __init__(
        self, connection: AbstractRobustConnection, subscribers: Sequence[Counted]
    ) -> None:
        self._pulse = Pulse(connection)
        self._round = cycle(subscribers)
        self._share = -(-len(subscribers) // LOOKS_A_ROUND)
        self._missing: dict[str, int] = {}
        self._by_queue = {subscriber.queue: subscriber for subscriber in subscribers}

    async def look(self) -> str | None:
        """Why nothing is delivered now; None when all is well."""
        try:
            await self._pulse.feel()
            for subscriber in self._chosen():
                await self._count(subscriber)
        except BrokerUnavailableError as error:
            return error.detail
        lost = sorted(queue for queue, looks in self._missing.items() if looks > 1)
        return f"RabbitMQ knows no consumer of {', '.join(lost)}" if lost else None

    def _chosen(self) -> Iterator[Counted]:
        """Those that were missing, and the next few."""
        missing = [self._by_queue[queue] for queue in self._missing]
        yield from missing
        for subscriber in islice(self._round, self._share):
            if subscriber not in missing:
                yield subscriber

    async def _count(self, subscriber: Counted) -> None:
        count = await self._pulse.consumers(subscriber.queue)
        if count or not subscriber.counted:
            self._missing.pop(subscriber.queue, None)
            return
        looks = self._missing[subscriber.queue] = self._missing.get(subscriber.queue, 0) + 1
        if looks >= LOST_AFTER:
            del self._missing[subscriber.queue]
            await subscriber.doubt()
