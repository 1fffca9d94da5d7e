"""Tasks end, also those that lose the word."""

import asyncio

import pytest

from shared import canceling


async def test_a_lost_cancellation_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canceling, "AGAIN_SECONDS", 0.01)
    lost: list[str] = []

    async def stubborn() -> None:
        while len(lost) < 2:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost.append("once more")
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await canceling.end([task])
    assert task.cancelled()
    assert len(lost) == 2


async def test_what_it_ended_with_is_nobodys_business() -> None:
    async def failing() -> None:
        raise RuntimeError

    tasks = [asyncio.create_task(failing()), asyncio.create_task(asyncio.sleep(60))]
    await asyncio.sleep(0)
    await canceling.end(tasks)
    assert all(task.done() for task in tasks)
    await canceling.end([])
