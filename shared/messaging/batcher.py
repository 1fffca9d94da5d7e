"""Group commit: requests that come while a batch is being written are the next one (`gatherer`)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

from shared.database.transient import is_transient
from shared.errors import RetryableError
from shared.messaging.gatherer import Gatherer
from shared.messaging.waiting import is_canceled

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
        self._gatherer: Gatherer[_Entry[Item, Answer]] = Gatherer(self._write_wanted, limit=limit)

    def start(self) -> None:
        """Begin writing; items offered before wait until then."""
        self._gatherer.start()

    async def stop(self, within: timedelta | None = None) -> None:
        """Write what waits, then end; what is offered from then on is refused.

        What is not written `within` that time is left: its callers are told so.
        """
        _fail(await self._gatherer.stop(within), StoppedError())

    def offer(self, item: Item) -> "asyncio.Future[Answer]":
        """Put the item into the next batch and go on; the future is its answer.

        Who sets it takes the item back, unless it is being written by then: that is not known.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self._gatherer.stopped:
            future.set_exception(StoppedError())
            return future
        self._gatherer.offer((item, future))
        return future

    async def submit(self, item: Item) -> Answer:
        """Put the item into the next batch and wait for its answer."""
        return await self.offer(item)

    async def _write_wanted(self, entries: list[_Entry[Item, Answer]]) -> None:
        """Without those whose callers have gone: nobody would hear the answer."""
        if wanted := [entry for entry in entries if not entry[1].done()]:
            await self._settle(wanted)

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
