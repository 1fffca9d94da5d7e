"""Natural batching: while one batch is being written the next gathers. No timers.

One waiting item is a batch of one; under load the batches grow by themselves. Used for group
commit of requests (`submit`) and by subscribers (`offer`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from shared.database.transient import is_transient
from shared.errors import RetryableError
from shared.messaging.waiting import is_canceled, is_set_within

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Write = Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]
_Entry = tuple[Item, asyncio.Future[Answer]]


class InterruptedWriteError(RetryableError):
    """It is not known whether this was written: ask again, with the same idempotency key if any."""


class StoppedError(RetryableError):
    """This process is about to end and takes no more."""

    code = "stopping"
    title = "Stopping"


class Batcher(Generic[Item, Answer]):
    """Gathers items and hands them to `write`, one batch at a time.

    `write` answers each item, in order. A batch that fails by a bug is split until the culprit
    stands alone: only it gets the exception, its neighbours are written. A passing error
    (`is_transient`) is raised to every waiting caller; nothing is retried here. An item whose
    caller has gone before its batch began is left out.
    """

    def __init__(self, write: Write[Item, Answer], *, limit: int = 500) -> None:
        self._write = write
        self._limit = limit
        self._waiting: deque[_Entry[Item, Answer]] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    def start(self) -> None:
        """Begin writing; items offered before wait until then."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="batcher")

    async def stop(self, within: timedelta | None = None) -> None:
        """Write what waits, then end; what is offered from then on is refused.

        What is not written `within` that time is left: its callers are told so.
        """
        if self._task is not None:
            task, self._task = self._task, None
            await is_set_within(self._idle, None if within is None else within.total_seconds())
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._stopped = True
        _fail(list(self._waiting), StoppedError())
        self._waiting.clear()

    def offer(self, item: Item) -> "asyncio.Future[Answer]":
        """Put the item into the next batch and go on; the future is its answer."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self._stopped:
            future.set_exception(StoppedError())
            return future
        self._waiting.append((item, future))
        self._idle.clear()
        self._wake.set()
        return future

    async def submit(self, item: Item, within: timedelta | None = None) -> Answer:
        """Put the item into the next batch and wait for its answer, no longer than `within`.

        Who gives up takes the item back, unless it is being written by then: that is not known.
        """
        answer = self.offer(item)
        try:
            async with asyncio.timeout(None if within is None else within.total_seconds()):
                return await answer
        except TimeoutError as error:
            if answer.cancelled():
                raise InterruptedWriteError from error
            raise

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while entries := self._take():
                await self._settle(entries)
            self._idle.set()

    def _take(self) -> list[_Entry[Item, Answer]]:
        """The next batch, without those whose callers have gone: nobody would hear the answer."""
        entries: list[_Entry[Item, Answer]] = []
        while self._waiting and len(entries) < self._limit:
            entry = self._waiting.popleft()
            if not entry[1].done():
                entries.append(entry)
        return entries

    async def _settle(self, entries: list[_Entry[Item, Answer]]) -> None:
        try:
            answers = await self._write([item for item, _ in entries])
        except Exception as error:
            if len(entries) == 1 or is_transient(error):
                _fail(entries, error)
                return
            middle = len(entries) // 2
            await self._settle(entries[:middle])
            await self._settle(entries[middle:])
            return
        except asyncio.CancelledError:
            _fail(entries, InterruptedWriteError())
            if is_canceled():
                raise
            return
        for (_, future), answer in zip(entries, answers, strict=True):
            if not future.done():
                future.set_result(answer)


def _fail(entries: Sequence[_Entry[Item, Answer]], error: BaseException) -> None:
    for _, future in entries:
        if not future.done():
            future.set_exception(error)
