"""Something done again and again goes on whatever happens."""

import asyncio
from datetime import timedelta

from shared.periodic import Periodic
from shared.testing import eventually


async def test_a_periodic_action_goes_on_after_an_error() -> None:
    calls: list[int] = []

    async def act() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("a bug")

    periodic = Periodic("acting", act, timedelta(milliseconds=1))
    periodic.start()

    def called_again() -> None:
        assert len(calls) > 2

    await eventually(called_again)
    await periodic.stop()


async def test_a_periodic_action_can_be_woken() -> None:
    calls = asyncio.Semaphore(0)

    async def act() -> None:
        calls.release()

    periodic = Periodic("acting", act, timedelta(hours=1))
    periodic.start()
    await calls.acquire()

    periodic.wake()

    await asyncio.wait_for(calls.acquire(), 5)
    await periodic.stop()
