"""What is started at once goes on like anything that is awaited."""

import asyncio

import pytest

from services.generator.runtime.stepping import Started


async def answer(turns: int = 0) -> int:
    for _ in range(turns):
        await asyncio.sleep(0)
    await asyncio.sleep(0.001) if turns else None
    return turns


async def test_what_does_not_wait_is_done_at_once() -> None:
    run = Started(answer())

    assert (run.done, run.answer) == (True, 0)


async def test_what_waits_goes_on_when_it_is_awaited() -> None:
    run = Started(answer(3))

    assert not run.done
    assert await run == 3


async def test_what_it_raises_is_raised() -> None:
    async def fail(waits: float | None) -> None:
        if waits is not None:
            await asyncio.sleep(waits)
        raise KeyError("colour")

    with pytest.raises(KeyError):
        Started(fail(None))
    with pytest.raises(KeyError):
        await Started(fail(0.001))


async def test_it_is_canceled_with_who_awaits_it() -> None:
    ended = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def wait() -> None:
        await Started(hang())

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_limit_around_it_counts() -> None:
    async def patient() -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            raise
        return "never"

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await Started(patient())
