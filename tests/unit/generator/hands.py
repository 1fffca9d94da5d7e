"""Jobs in hand among fakes, for tests of every way in which an attempt can end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from prometheus_client import CollectorRegistry

from services.generator.metrics import GeneratorMetrics
from services.generator.models import ClaimedJob, Result, Status
from services.generator.service.backoff import Backoff
from services.generator.service.held import HeldLeases
from services.generator.service.running import JobsInHand
from services.generator.service.verdicts import Verdicts
from shared.clock import SystemClock
from shared.events import Asset, Attempt
from shared.testing import an_asset, eventually
from tests.unit.generator.builders import a_claimed_job

Made = Callable[[], None]
Make = Callable[[ClaimedJob, Made], Awaitable[tuple[Asset, ...]]]


async def succeed(_: ClaimedJob, __: Made) -> tuple[Asset, ...]:
    return (an_asset(),)


async def hang(_: ClaimedJob, __: Made) -> tuple[Asset, ...]:
    await asyncio.Event().wait()
    return ()


def fail(error: BaseException) -> Make:
    async def make(_: ClaimedJob, __: Made) -> tuple[Asset, ...]:
        raise error

    return make


class FakeAttempts:
    """Does what the test says."""

    def __init__(self) -> None:
        self.make: Make = succeed


class FakeFinisher:
    """Remembers results; refuses those that the test calls unwritable or stale."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.unwritable: set[Status] = set()
        self.stale = False
        self.open = asyncio.Event()
        self.open.set()

    def offer(self, result: Result) -> "asyncio.Future[bool]":
        return asyncio.ensure_future(self.finish(result))

    async def finish(self, result: Result) -> bool:
        await self.open.wait()
        if result.status in self.unwritable:
            raise ValueError("Postgres does not take it")
        self.results.append(result)
        return not self.stale


class FakeStarted:
    """Counts what would be announced, and what ended before."""

    def __init__(self) -> None:
        self.handles: list[asyncio.TimerHandle] = []

    def later(
        self, job: ClaimedJob, attempt_of: Callable[[ClaimedJob], Attempt]
    ) -> asyncio.TimerHandle:
        self.handles.append(asyncio.get_running_loop().call_later(3600, lambda: None))
        return self.handles[-1]


class FakeSlots:
    """Counts slots that came back."""

    def __init__(self) -> None:
        self.released = 0
        self.wakes: list[timedelta] = []

    def release(self, generator: str) -> None:
        self.released += 1

    def wake_in(self, delay: timedelta) -> None:
        self.wakes.append(delay)


class Bench:
    """Jobs in hand, among fakes."""

    def __init__(self) -> None:
        self.attempts, self.finisher = FakeAttempts(), FakeFinisher()
        self.started, self.slots = FakeStarted(), FakeSlots()
        self.held = HeldLeases()
        self.jobs = JobsInHand(
            self.attempts,
            Verdicts("w1", Backoff(timedelta(0), timedelta(0)), SystemClock()),
            self.finisher,
            self.started,
            metrics=GeneratorMetrics(CollectorRegistry(), SystemClock()),
            held=self.held,
        )

    def begin(self, **changes: object) -> ClaimedJob:
        job = a_claimed_job(**changes)
        self.jobs.begin(job, self.slots)
        return job

    async def end(self) -> Result | None:
        """Wait until nothing is in hand; the last result."""

        def idle() -> None:
            assert not self.jobs.keys

        await eventually(idle)
        return self.finisher.results[-1] if self.finisher.results else None
