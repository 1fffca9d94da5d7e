"""Slots: filled as long as there is work, and never more than there are."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from services.generator.models import Admitted, ClaimedJob, NewJob
from services.generator.service.claiming import Claimer
from services.generator.service.memory import MemoryLedger
from shared.errors import RetryableError
from shared.testing import MOMENT, eventually
from tests.unit.generator.builders import a_claimed_job, a_new_job

HOUR = timedelta(hours=1)


class FakeClaims:
    """Hands out what waits."""

    def __init__(self) -> None:
        self.waiting = 0
        self.asked: list[int] = []
        self.asked_for: Sequence[str] | None = None
        self.failure: Exception | None = None
        self.answering = asyncio.Event()
        self.answering.set()

    async def take(
        self, slots: int, generators: Sequence[str] | None = None
    ) -> Sequence[ClaimedJob]:
        self.asked.append(slots)
        self.asked_for = generators
        await self.answering.wait()
        if self.failure is not None:
            raise self.failure
        taken = min(slots, self.waiting)
        self.waiting -= taken
        return [a_claimed_job() for _ in range(taken)]

    async def admit(self, jobs: Sequence[NewJob]) -> Admitted:
        if self.failure is not None:
            raise self.failure
        begun = [] if self.waiting else [ClaimedJob.first(job, MOMENT) for job in jobs]
        self.waiting += len(jobs) - len(begun)
        return Admitted(begun, self.waiting)


class Bench:
    """A claimer with three slots, and the jobs it has begun."""

    def __init__(self, poll: timedelta = HOUR, memory: MemoryLedger | None = None) -> None:
        self.claims = FakeClaims()
        self.begun: list[ClaimedJob] = []
        self.claimer = Claimer(self.claims, 3, lambda job, _: self.begun.append(job), poll, memory)

    def must_have_begun(self, count: int) -> None:
        assert len(self.begun) == count

    def must_have_asked(self, count: int) -> None:
        assert len(self.claims.asked) >= count


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    await bench.claimer.stop()


async def test_no_more_is_claimed_than_there_are_slots(bench: Bench) -> None:
    bench.claims.waiting = 5
    bench.claimer.start()

    await eventually(lambda: bench.must_have_begun(3))

    assert (bench.claims.asked, bench.claims.waiting) == ([3], 2)


async def test_a_free_slot_is_filled_while_there_is_work(bench: Bench) -> None:
    bench.claims.waiting = 5
    bench.claimer.start()
    await eventually(lambda: bench.must_have_begun(3))

    bench.claimer.release("noop")

    await eventually(lambda: bench.must_have_begun(4))
    assert bench.claims.asked == [3, 1]


async def test_slots_that_come_back_together_are_filled_together(bench: Bench) -> None:
    bench.claims.waiting = 6
    bench.claimer.start()
    await eventually(lambda: bench.must_have_begun(3))

    for _ in range(3):
        bench.claimer.release("noop")

    await eventually(lambda: bench.must_have_begun(6))
    assert bench.claims.asked == [3, 3]


async def test_when_there_is_no_work_a_free_slot_asks_for_none(bench: Bench) -> None:
    bench.claims.waiting = 2
    bench.claimer.start()
    await eventually(lambda: bench.must_have_begun(2))

    bench.claimer.release("noop")
    await asyncio.sleep(0)

    assert bench.claims.asked == [3]


async def test_new_work_wakes_it(bench: Bench) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))
    bench.claims.waiting = 1

    bench.claimer.wake()

    await eventually(lambda: bench.must_have_begun(1))


async def test_what_comes_during_a_claim_begins_when_that_has_taken_what_waited(
    bench: Bench,
) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))
    bench.claims.answering.clear()
    bench.claims.waiting = 1
    bench.claimer.wake()

    admission = asyncio.create_task(bench.claimer.admit([a_new_job(), a_new_job()]))
    await eventually(lambda: bench.must_have_asked(2))
    bench.claims.answering.set()

    assert await admission == 0
    bench.must_have_begun(3)


async def test_a_retry_wakes_it_when_it_is_due(bench: Bench) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))
    bench.claims.waiting = 1

    bench.claimer.wake_in(timedelta(milliseconds=20))

    await eventually(lambda: bench.must_have_begun(1))


async def test_what_nobody_announced_is_found_by_the_poll() -> None:
    bench = Bench(poll=timedelta(milliseconds=5))
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(2))
    bench.claims.waiting = 1

    await eventually(lambda: bench.must_have_begun(1))
    await bench.claimer.stop()


async def test_a_database_that_is_away_is_asked_again() -> None:
    bench = Bench(poll=timedelta(milliseconds=5))
    bench.claims.failure = RetryableError("away")
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(2))

    bench.claims.failure, bench.claims.waiting = None, 1

    await eventually(lambda: bench.must_have_begun(1))
    await bench.claimer.stop()


async def test_once_stopped_it_claims_no_more(bench: Bench) -> None:
    bench.claimer.start()
    await bench.claimer.stop()
    asked = len(bench.claims.asked)

    bench.claims.waiting = 1
    bench.claimer.wake()
    await asyncio.sleep(0)

    assert len(bench.claims.asked) == asked


async def test_what_is_admitted_begins_at_once_while_nothing_waits(bench: Bench) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))

    waiting = await bench.claimer.admit([a_new_job(), a_new_job()])

    assert (waiting, len(bench.begun), bench.claimer.free) == (0, 2, 1)
    assert await bench.claimer.admit([a_new_job(), a_new_job()]) is None


async def test_what_is_admitted_waits_behind_what_waits(bench: Bench) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))
    bench.claims.waiting = 1

    assert await bench.claimer.admit([a_new_job()]) == 2
    assert (bench.begun, bench.claimer.free) == ([], 3)


async def test_slots_of_an_admission_that_fails_come_back(bench: Bench) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))
    bench.claims.failure = RetryableError("away")

    with pytest.raises(RetryableError):
        await bench.claimer.admit([a_new_job()])

    assert bench.claimer.free == 3


async def test_until_it_has_looked_what_is_admitted_waits(bench: Bench) -> None:
    assert await bench.claimer.admit([a_new_job()]) is None


async def test_once_stopped_it_admits_nothing(bench: Bench) -> None:
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))
    await bench.claimer.stop()

    assert await bench.claimer.admit([a_new_job()]) is None


async def test_no_more_begins_than_there_is_memory_for() -> None:
    bench = Bench(memory=MemoryLedger(250, {"noop": 100, "video": 200}))
    bench.claims.waiting = 5
    bench.claimer.start()

    await eventually(lambda: bench.must_have_begun(2))
    assert bench.claims.asked == [1, 1], "the second without being told that there is more"
    assert bench.claims.asked_for == ["noop"]

    bench.claimer.wake()
    await asyncio.sleep(0)
    assert bench.claims.asked == [1, 1]
    await bench.claimer.stop()


async def test_memory_that_comes_back_is_used() -> None:
    bench = Bench(memory=MemoryLedger(100, {"noop": 100}))
    bench.claims.waiting = 2
    bench.claimer.start()
    await eventually(lambda: bench.must_have_begun(1))

    bench.claimer.release("noop")

    await eventually(lambda: bench.must_have_begun(2))
    await bench.claimer.stop()


async def test_what_there_is_no_memory_for_waits() -> None:
    bench = Bench(memory=MemoryLedger(100, {"noop": 100}))
    bench.claimer.start()
    await eventually(lambda: bench.must_have_asked(1))

    assert await bench.claimer.admit([a_new_job(), a_new_job()]) is None
    assert await bench.claimer.admit([a_new_job()]) == 0
    await bench.claimer.stop()
