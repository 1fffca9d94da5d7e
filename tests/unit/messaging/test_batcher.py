"""Natural batching: no timers, no lost items, one culprit alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import RetryableError
from shared.messaging.batcher import Batcher, InterruptedWriteError, StoppedError


class Writer:
    """Doubles numbers, remembers batches, can be held up, and chokes on `poison`."""

    def __init__(self, poison: frozenset[int] = frozenset()) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.failure: BaseException | None = None
        self._poison = poison

    async def write(self, items: Sequence[int]) -> list[int]:
        await self.open.wait()
        self.batches.append(list(items))
        if self.failure is not None:
            raise self.failure
        if self._poison & set(items):
            raise ValueError("poison")
        return [item * 2 for item in items]


@asynccontextmanager
async def batching(writer: Writer, limit: int = 500) -> AsyncIterator[Batcher[int, int]]:
    batcher = Batcher(writer.write, limit=limit)
    batcher.start()
    yield batcher
    await batcher.stop()


async def test_a_single_item_is_a_batch_of_one() -> None:
    writer = Writer()
    async with batching(writer) as batcher:
        assert await batcher.submit(1) == 2
    assert writer.batches == [[1]]


async def test_what_comes_during_a_write_is_the_next_batch() -> None:
    writer = Writer()
    writer.open.clear()
    async with batching(writer) as batcher:
        first = batcher.offer(1)
        await asyncio.sleep(0)
        others = [batcher.offer(item) for item in (2, 3, 4)]
        writer.open.set()
        assert await asyncio.gather(first, *others) == [2, 4, 6, 8]
    assert writer.batches == [[1], [2, 3, 4]]


async def test_no_batch_is_larger_than_the_limit() -> None:
    writer = Writer()
    async with batching(writer, limit=2) as batcher:
        await asyncio.gather(*(batcher.offer(item) for item in range(5)))
    assert writer.batches == [[0, 1], [2, 3], [4]]


@given(
    items=st.lists(st.integers(0, 30), unique=True, max_size=20),
    poison=st.frozensets(st.integers(0, 30), max_size=4),
)
async def test_only_the_culprits_of_a_batch_fail(items: list[int], poison: frozenset[int]) -> None:
    async with batching(Writer(poison)) as batcher:
        answers = await asyncio.gather(
            *(batcher.offer(item) for item in items), return_exceptions=True
        )
    for item, answer in zip(items, answers, strict=True):
        assert isinstance(answer, ValueError) if item in poison else answer == item * 2


async def test_a_passing_failure_is_everybodys_and_nothing_is_split() -> None:
    writer = Writer()
    writer.failure = RetryableError("database away")
    async with batching(writer) as batcher:
        answers = await asyncio.gather(
            *(batcher.offer(item) for item in range(4)), return_exceptions=True
        )
        assert [type(answer) for answer in answers] == [RetryableError] * 4
        assert len(writer.batches) == 1
        writer.failure = None
        assert await batcher.submit(5) == 10


async def test_a_cancellation_from_below_is_not_the_end_of_the_batcher() -> None:
    writer = Writer()
    writer.failure = asyncio.CancelledError()
    async with batching(writer) as batcher:
        with pytest.raises(InterruptedWriteError):
            await batcher.submit(1)
        writer.failure = None
        assert await batcher.submit(2) == 4


async def test_a_caller_who_has_gone_disturbs_nobody() -> None:
    writer = Writer()
    async with batching(writer) as batcher:
        gone, there = batcher.offer(1), batcher.offer(2)
        gone.cancel()
        assert await there == 4


async def test_who_gives_up_before_it_is_written_takes_it_back() -> None:
    writer = Writer()
    writer.open.clear()
    async with batching(writer) as batcher:
        first = batcher.offer(1)
        await asyncio.sleep(0)
        batcher.offer(2).set_exception(InterruptedWriteError())
        third = batcher.offer(3)
        writer.open.set()
        assert [await first, await third] == [2, 6]
    assert writer.batches == [[1], [3]]


async def test_who_gives_up_while_it_is_written_is_told_that_nobody_knows() -> None:
    writer = Writer()
    writer.open.clear()
    async with batching(writer) as batcher:
        impatient = batcher.offer(1)
        await asyncio.sleep(0)
        impatient.set_exception(InterruptedWriteError())
        with pytest.raises(InterruptedWriteError, match="not known"):
            await impatient
        writer.open.set()
    assert writer.batches == [[1]]


async def test_a_time_out_of_the_write_itself_is_a_failure_like_others() -> None:
    writer = Writer()
    writer.failure = TimeoutError("of anybody")
    async with batching(writer) as batcher:
        with pytest.raises(TimeoutError, match="of anybody"):
            await batcher.submit(1)


async def test_stopping_does_not_wait_for_ever() -> None:
    writer = Writer()
    writer.open.clear()
    batcher = Batcher(writer.write, limit=1)
    batcher.start()
    written, waiting = batcher.offer(1), batcher.offer(2)
    await batcher.stop(timedelta(milliseconds=10))
    assert isinstance(written.exception(), InterruptedWriteError)
    assert isinstance(waiting.exception(), StoppedError)


async def test_stopping_writes_what_waits() -> None:
    writer = Writer()
    batcher = Batcher(writer.write, limit=1)
    batcher.start()
    answers = [batcher.offer(item) for item in range(3)]
    await batcher.stop()
    assert [answer.result() for answer in answers] == [0, 2, 4]


async def test_a_stopped_batcher_refuses() -> None:
    async with batching(Writer()) as batcher:
        pass
    with pytest.raises(StoppedError):
        await batcher.submit(1)
