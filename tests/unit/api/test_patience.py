"""Callers give up when their time is over, each at its own."""

import asyncio
from datetime import timedelta

import pytest

from services.api.service.patience import Patience
from shared.messaging.batcher import InterruptedWriteError


async def test_each_gives_up_when_its_own_time_is_over() -> None:
    loop, patience = asyncio.get_running_loop(), Patience(timedelta(seconds=0.06))
    first: asyncio.Future[int] = loop.create_future()
    second: asyncio.Future[int] = loop.create_future()

    began = loop.time()
    patience.begin(first)
    await asyncio.sleep(0.03)
    patience.begin(second)

    for answer, due in ((first, 0.06), (second, 0.09)):
        with pytest.raises(InterruptedWriteError):
            await answer
        assert loop.time() - began > due - 0.005
    assert loop.time() - began < 1


async def test_what_came_in_time_stays_and_is_not_kept() -> None:
    loop, patience = asyncio.get_running_loop(), Patience(timedelta(seconds=0.02))
    answers: list[asyncio.Future[int]] = [loop.create_future() for _ in range(3)]
    for number, answer in enumerate(answers):
        patience.begin(answer)
        answer.set_result(number)

    assert len(patience._awaited) == 1
    await asyncio.sleep(0.05)

    assert [answer.result() for answer in answers] == [0, 1, 2]
    assert not patience._awaited
