"""Natural batching: while one batch is being written the next gathers. No timers.

One waiting item is a batch of one; under load the batches grow by themselves. Used for group
commit of requests (`submit`) and by subscribers (`offer`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.database.transient import is_transient
from shared.errors import RetryableError

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Write = Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]
_Entry = tuple[Item, asyncio.Future[Answer]]


class InterruptedWriteError(RetryableError):
    """The batch was interrupted while it was being written; whether it was written is not known."""

    code = "interrupted"
    title = "Interrupted"


class StoppedError(RetryableError):
    """This process is about to end and takes no more."""

    code = "stopping"
    title = "Stopping"


class Batcher(Generic[Item, Answer]):
    """Gathers items and hands them to `write`, one batch at a time.

    `write` answers each item, in order. A batch that fails by a bug is split until the culprit
    stands alone: only it gets the exception, its neighbours are written. A passing error
    (`is_transient`) is raised to every waiting caller; nothing is retried here.
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

    async def stop(self) -> None:
        """Write what waits, then end; what is offered from then on is refused."""
        if self._task is not None:
            await self._idle.wait()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._stopped = True

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

    async def submit(self, item: Item) -> Answer:
        """Put the item into the next batch and wait for its answer."""
        return await self.offer(item)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                size = min(len(self._waiting), self._limit)
                await self._settle([self._waiting.popleft() for _ in range(size)])
            self._idle.set()

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
            if _is_canceled():
                raise
            return
        for (_, future), answer in zip(entries, answers, strict=True):
            if not future.done():
                future.set_result(answer)


def _is_canceled() -> bool:
    """Whether somebody wants this task to end; a closed connection can raise the same error."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _fail(entries: list[_Entry[Item, Answer]], error: BaseException) -> None:
    for _, future in entries:
        if not future.done():
            future.set_exception(error)
