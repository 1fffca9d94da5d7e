"""Messages that come back again and again: one of them may be what kills its consumer.

When a process dies, all it has not acked comes back with a higher delivery count: the culprit with
everything it shared the process with. So those that have come back more than once are handled each
by itself, after a pause of random length that grows with the count. The culprit then dies at a
random moment of each round, and takes along only what has not had its turn yet: half of them on
average. Its neighbours get away in a few rounds, in this queue as in the others of the process;
the culprit stays until the delivery limit of the queue makes it a dead letter.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from shared.canceling import end
from shared.messaging.delivery import Delivery

SUSPECT_FROM = 2
"""Deliveries before this one; once can happen to any message when a process is replaced."""
FIRST_SPREAD = 0.2
LONGEST_SPREAD = 5.0


def is_suspect(message: Delivery) -> bool:
    """Whether it is to be handled by itself."""
    return message.delivery_count >= SUSPECT_FROM


def longest_wait(message: Delivery) -> float:
    """The seconds within which it has its turn, if nobody else is at work."""
    rounds = min(message.delivery_count, 16) - SUSPECT_FROM
    return min(FIRST_SPREAD * 2.0**rounds, LONGEST_SPREAD)


class Suspects:
    """Those of one queue, each waiting for its turn."""

    def __init__(
        self,
        handle: Callable[[Delivery], Awaitable[None]],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._handle = handle
        self._chance = chance
        self._turn = asyncio.Lock()
        self._waiting: set[asyncio.Task[None]] = set()

    def add(self, message: Delivery) -> None:
        """Handle it alone, at a random moment."""
        pause = longest_wait(message) * self._chance()
        task = asyncio.create_task(self._wait(message, pause), name="suspect")
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def stop(self) -> None:
        """Whoever has not had its turn goes back."""
        await end(self._waiting)

    async def _wait(self, message: Delivery, seconds: float) -> None:
        await asyncio.sleep(seconds)
        async with self._turn:
            await self._handle(message)
