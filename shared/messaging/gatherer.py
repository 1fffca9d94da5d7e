"""Natural batching: while one batch is being written the next gathers. No timers.

One waiting item is a batch of one; under load the batches grow by themselves. Neighbours:
`subscriber` gathers deliveries, `batcher` requests that wait for an answer.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import Generic, TypeVar

import structlog

from shared.canceling import end
from shared.messaging.waiting import is_canceled, is_set_within

Item = TypeVar("Item")

log = structlog.get_logger(__name__)


class Gatherer(Generic[Item]):
    """Hands what it is offered to `write`, one batch at a time and `limit` items at most.

    What `write` raises is logged: what becomes of its items is its own business.
    """

    def __init__(self, write: Callable[[list[Item]], Awaitable[None]], *, limit: int) -> None:
        self._write = write
        self._limit = limit
        self._waiting: deque[Item] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self.stopped = False

    def start(self) -> None:
        """Begin writing; items offered before wait until then."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="gatherer")

    async def stop(self, within: timedelta | None = None) -> list[Item]:
        """Write what waits, then end. Answers what could not be written `within` that time."""
        if self._task is not None:
            task, self._task = self._task, None
            await is_set_within(self._idle, None if within is None else within.total_seconds())
            await end([task])
        self.stopped = True
        left = list(self._waiting)
        self._waiting.clear()
        return left

    def offer(self, item: Item) -> None:
        """Put this into the next batch."""
        self._waiting.append(item)
        self._note()

    def offer_many(self, items: Iterable[Item]) -> None:
        """Put these into the next batches, in order."""
        self._waiting.extend(items)
        self._note()

    def _note(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                try:
                    await self._write(self._take())
                except asyncio.CancelledError:
                    if is_canceled():
                        raise
                    log.exception("batch.interrupted")
                except Exception:
                    log.exception("batch.failed")
            self._idle.set()

    def _take(self) -> list[Item]:
        waiting = self._waiting
        if len(waiting) <= self._limit:
            items = list(waiting)
            waiting.clear()
            return items
        return [waiting.popleft() for _ in range(self._limit)]
