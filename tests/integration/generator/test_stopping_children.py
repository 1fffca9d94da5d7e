"""A child that is worth keeping is told to stop, and killed only when it does not."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.generator.runtime.pool import ChildPool
from shared.generators import Limits
from shared.testing import eventually
from tests.integration.generator.test_children import Bench, _assert_gone

PATIENT = Limits(stops_within=timedelta(seconds=10))
HASTY = Limits(stops_within=timedelta(milliseconds=50))


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ChildPool]:
    pool = ChildPool(idle_limit=2, folder=tmp_path)
    yield pool
    await pool.stop()


@pytest.fixture
def bench(pool: ChildPool, tmp_path: Path) -> Bench:
    return Bench(pool, tmp_path)


async def canceled(bench: Bench, do: str, limits: Limits) -> None:
    """Begin that, and cancel it once it has begun."""
    began = asyncio.Event()

    async def report(_: float | None, __: str | None) -> None:
        began.set()

    run = asyncio.create_task(bench(do, report, limits=limits))
    await began.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run


@pytest.mark.parametrize("do", ["stop_when_told", "end_when_told"])
async def test_a_child_that_stops_when_told_is_used_again(
    bench: Bench, pool: ChildPool, do: str
) -> None:
    pid = int(await bench("pid"))

    await canceled(bench, do, PATIENT)

    assert pool.idle_pids == [pid]
    assert int(await bench("pid")) == pid


async def test_a_child_that_does_not_stop_in_time_is_killed(bench: Bench, pool: ChildPool) -> None:
    pid = int(await bench("pid"))

    await canceled(bench, "go_on_whatever_is_told", HASTY)

    assert pool.idle_pids == []
    await eventually(lambda: _assert_gone(pid))


async def test_a_child_that_dies_when_told_is_replaced(bench: Bench, pool: ChildPool) -> None:
    await canceled(bench, "die_when_told", PATIENT)

    assert pool.idle_pids == []
    assert int(await bench("pid")) != os.getpid()


async def test_whoever_cannot_wait_for_it_cancels_again(bench: Bench, pool: ChildPool) -> None:
    pid = int(await bench("pid"))
    began = asyncio.Event()

    async def report(_: float | None, __: str | None) -> None:
        began.set()

    run = asyncio.create_task(bench("go_on_whatever_is_told", report, limits=PATIENT))
    await began.wait()
    run.cancel()
    await asyncio.wait([run], timeout=0.1)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    await eventually(lambda: _assert_gone(pid))
