"""Jobs in hand: every way an attempt can end, and that each ends exactly once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.generator.models import ClaimedJob, Status
from services.generator.service.running import StopReason
from shared.errors import PermanentError, RetryableError
from shared.events import Asset, Deadline, MediaGenerationCanceled
from shared.testing import an_asset, eventually
from tests.unit.generator.builders import a_claimed_job
from tests.unit.generator.hands import Bench, Made, fail, hang

GRACE = timedelta(milliseconds=200)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    bench = Bench()
    yield bench
    bench.finisher.open.set()
    await bench.jobs.drain(timedelta(0))


async def test_a_job_that_is_made_is_recorded_and_its_slot_comes_back(bench: Bench) -> None:
    bench.begin()

    result = await bench.end()

    assert result is not None
    assert (result.status, len(result.assets)) == (Status.GENERATED, 1)
    assert bench.slots.released == 1


async def test_a_quick_job_is_not_announced(bench: Bench) -> None:
    bench.begin()

    await bench.end()

    assert bench.started.handles == []


async def test_a_job_that_waits_is_announced_unless_it_ends_before_that_is_due(
    bench: Bench,
) -> None:
    async def make(_: ClaimedJob, __: Made) -> tuple[Asset, ...]:
        await asyncio.sleep(0)
        return ()

    bench.attempts.make = make
    bench.begin()

    await bench.end()

    assert [handle.cancelled() for handle in bench.started.handles] == [True]


async def test_quick_jobs_share_a_task_and_one_that_waits_holds_up_nobody(bench: Bench) -> None:
    tasks: dict[int, asyncio.Task[None] | None] = {}
    go = asyncio.Event()

    async def make(job: ClaimedJob, _: Made) -> tuple[Asset, ...]:
        tasks[job.max_attempts] = asyncio.current_task()
        if job.max_attempts in {3, 4}:
            await go.wait()
        return ()

    bench.attempts.make = make
    for number in range(1, 7):
        bench.begin(max_attempts=number)

    await eventually(lambda: _must_be(len(bench.finisher.results), 4))
    assert tasks[1] is tasks[2] is tasks[3]
    assert tasks[5] is tasks[6]
    assert len({tasks[3], tasks[4], tasks[5]}) == 3
    go.set()
    await bench.end()
    assert [one.job.max_attempts for one in bench.finisher.results] == [1, 2, 5, 6, 3, 4]


async def test_an_attempt_that_cancels_itself_takes_no_other_along(bench: Bench) -> None:
    async def make(job: ClaimedJob, _: Made) -> tuple[Asset, ...]:
        if job.max_attempts == 1:
            raise asyncio.CancelledError
        return ()

    bench.attempts.make = make
    bench.begin(max_attempts=1)
    bench.begin(max_attempts=2)

    await bench.end()

    assert [one.job.max_attempts for one in bench.finisher.results] == [2]
    assert bench.slots.released == 2


async def test_a_job_that_is_stopped_before_it_begins_is_not_made(bench: Bench) -> None:
    bench.attempts.make = fail(KeyError("made"))
    job = bench.begin()

    bench.jobs.stop(job.key, StopReason.CANCELED)

    result = await bench.end()
    assert result is not None
    assert result.status is Status.CANCELED


async def test_the_slot_is_free_while_the_result_waits_for_the_database(bench: Bench) -> None:
    bench.finisher.open.clear()
    bench.begin()

    await eventually(lambda: _must_be(bench.slots.released, 1))

    assert len(bench.jobs.keys) == 1


async def test_the_slot_is_free_while_what_was_made_is_stored(bench: Bench) -> None:
    stored = asyncio.Event()

    async def make(_: ClaimedJob, made: Made) -> tuple[Asset, ...]:
        made()
        await stored.wait()
        return (an_asset(),)

    bench.attempts.make = make
    bench.begin()
    await eventually(lambda: _must_be(bench.slots.released, 1))
    stored.set()

    await bench.end()
    assert bench.slots.released == 1


async def test_a_passing_failure_wakes_the_claimer_when_it_is_due(bench: Bench) -> None:
    bench.attempts.make = fail(RetryableError("later"))
    bench.begin()

    result = await bench.end()

    assert result is not None
    assert result.status is Status.RETRYING
    assert bench.slots.wakes == [timedelta(0)]


@pytest.mark.parametrize("error", [PermanentError("never"), KeyError("colour")])
async def test_other_failures_end_the_job(bench: Bench, error: Exception) -> None:
    bench.attempts.make = fail(error)
    bench.begin()

    result = await bench.end()

    assert result is not None
    assert result.status is Status.FAILED


async def test_a_canceled_attempt_is_stopped_and_recorded(bench: Bench) -> None:
    bench.attempts.make = hang
    job = bench.begin()
    await asyncio.sleep(0)

    bench.jobs.stop(job.key, StopReason.CANCELED)
    result = await bench.end()

    assert result is not None
    assert result.status is Status.CANCELED
    assert bench.slots.released == 1


async def test_a_lost_attempt_is_stopped_and_nothing_is_recorded(bench: Bench) -> None:
    bench.attempts.make = hang
    job = bench.begin()
    await asyncio.sleep(0)

    bench.jobs.stop(job.key, StopReason.LOST)

    assert await bench.end() is None
    assert bench.slots.released == 1


async def test_a_job_ends_by_itself_at_the_moment_it_has_to_be_finished_by(bench: Bench) -> None:
    bench.attempts.make = hang
    bench.begin(time_left=timedelta(milliseconds=20))

    result = await bench.end()

    assert result is not None
    assert isinstance(result.event.data, MediaGenerationCanceled)
    assert result.event.data.deadline is Deadline.TOTAL
    assert bench.slots.released == 1


async def test_a_retry_is_not_scheduled_for_after_that_moment(bench: Bench) -> None:
    bench.attempts.make = fail(RetryableError("later", retry_after=timedelta(minutes=2)))
    bench.begin(time_left=timedelta(minutes=1))

    result = await bench.end()

    assert result is not None
    assert result.status is Status.FAILED


async def test_an_attempt_does_not_begin_before_its_lease_is_certain(bench: Bench) -> None:
    doubted = asyncio.Event()
    bench.held.doubt = doubted.set
    job = bench.begin(held_until=0.0)

    await doubted.wait()
    assert bench.finisher.results == []
    bench.held.renew([job.key], float("inf"))

    result = await bench.end()
    assert result is not None
    assert result.status is Status.GENERATED


async def test_an_attempt_whose_lease_turns_out_to_be_lost_never_begins(bench: Bench) -> None:
    began: list[ClaimedJob] = []

    async def make(job: ClaimedJob, _: Made) -> tuple[Asset, ...]:
        began.append(job)
        return ()

    bench.attempts.make = make
    job = bench.begin(held_until=0.0)
    bench.held.doubt = lambda: bench.jobs.stop(job.key, StopReason.LOST)

    assert await bench.end() is None
    assert began == []


async def test_what_is_over_cannot_be_stopped_any_more(bench: Bench) -> None:
    bench.finisher.open.clear()
    job = bench.begin()
    await eventually(lambda: _must_be(bench.slots.released, 1))

    bench.jobs.stop(job.key, StopReason.LOST)
    bench.finisher.open.set()
    result = await bench.end()

    assert result is not None
    assert result.status is Status.GENERATED


async def test_stopping_what_is_not_in_hand_is_no_error(bench: Bench) -> None:
    bench.jobs.stop(a_claimed_job().key, StopReason.CANCELED)

    assert await bench.end() is None


async def test_a_result_that_cannot_be_written_fails_the_job_instead(bench: Bench) -> None:
    bench.finisher.unwritable = {Status.GENERATED}
    bench.begin()

    result = await bench.end()

    assert result is not None
    assert result.status is Status.FAILED
    assert result.attempt.failure is not None
    assert result.attempt.failure.code == "bad_output"


async def test_a_stale_retry_wakes_nobody(bench: Bench) -> None:
    bench.finisher.stale = True
    bench.attempts.make = fail(RetryableError("later"))
    bench.begin()

    await bench.end()

    assert bench.slots.wakes == []


async def test_draining_waits_for_what_can_be_finished(bench: Bench) -> None:
    for _ in range(3):
        bench.begin()

    await bench.jobs.drain(timedelta(seconds=5))

    assert [result.status for result in bench.finisher.results] == [Status.GENERATED] * 3


async def test_draining_gives_back_what_cannot_be_finished(bench: Bench) -> None:
    bench.attempts.make = hang
    bench.begin()

    await bench.jobs.drain(GRACE)

    [result] = bench.finisher.results
    assert (result.status, result.uncounted) == (Status.RETRYING, True)


async def test_draining_ends_even_when_the_database_is_away(bench: Bench) -> None:
    bench.attempts.make = hang
    bench.finisher.open.clear()
    bench.begin()

    await bench.jobs.drain(GRACE)

    assert not bench.jobs.keys


def _must_be(value: object, wanted: object) -> None:
    assert value == wanted
