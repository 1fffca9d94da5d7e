"""What one process knows of a tenant's rate: portions, refusals, what goes back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from services.api.metrics import LimitMetrics
from services.api.models import Policy, Rate, TenantLimits
from services.api.service.allowances import Allowance
from services.api.service.limits import LimitCatalogue
from services.api.service.rates import IDLE_SECONDS, RateLimits
from shared.database.away import DatabaseUnavailableError
from shared.errors import RateLimitedError
from shared.testing import FixedClock
from tests.unit.api.fakes import FakeDatabase


class Process:
    """One process of the api, whose seconds pass when the test says so."""

    def __init__(self, clock: FixedClock, rate: Rate | None) -> None:
        self.seconds = 100.0
        self.clock = clock
        self.database = FakeDatabase(clock)
        self.registry = CollectorRegistry()
        self.limits = LimitCatalogue(self.database.unit_of_work, TenantLimits(jobs=rate))
        metrics = LimitMetrics(self.registry)
        self.rates = RateLimits(
            self.database.unit_of_work, self.limits, metrics, lambda: self.seconds
        )

    @property
    def allowance(self) -> Allowance:
        found = self.rates.find("shop", Policy.JOBS)
        assert found is not None
        return found

    @property
    def used(self) -> float:
        return self.database.tables.rates["shop", Policy.JOBS][0]

    async def take(self, times: int = 1) -> RateLimitedError | None:
        """The last answer of so many in turn."""
        refusal = None
        for _ in range(times):
            refusal = await self.rates.take(self.allowance)
        return refusal

    def pass_seconds(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
def rate() -> Rate:
    return Rate(100, 100)


@pytest.fixture
async def process(clock: FixedClock, rate: Rate) -> AsyncIterator[Process]:
    process = Process(clock, rate)
    process.rates.start()
    yield process
    await process.rates.stop()


async def test_without_a_limit_there_is_nothing_to_ask(clock: FixedClock) -> None:
    assert Process(clock, None).rates.find("shop", Policy.JOBS) is None


async def test_busy_tenants_are_counted_in_memory(process: Process) -> None:
    await process.take(12)

    assert process.database.commits < 8
    assert process.allowance.left == 100 - 12
    assert process.used >= 12


async def test_those_that_come_together_are_counted_in_memory_too(clock: FixedClock) -> None:
    process = Process(clock, Rate(1_000_000, 3_600))
    process.rates.start()
    for _ in range(50):
        allowance = process.allowance
        await asyncio.gather(*(process.rates.take(allowance) for _ in range(8)))
    commits = process.database.commits
    await process.rates.stop()

    assert commits < 16
    assert process.used == 400


async def test_a_refusal_says_when_it_would_succeed_and_costs_nothing(process: Process) -> None:
    refusal = await process.take(101)
    commits = process.database.commits

    again = await process.take()

    assert refusal is not None
    assert again is not None
    assert refusal.retry_after is not None
    assert refusal.retry_after.total_seconds() == 1
    assert refusal.extra["policy"] == "jobs"
    assert refusal.extra["violated-policies"] == ["jobs"]
    assert "100 jobs in 100 s" in refusal.detail
    assert process.database.commits == commits
    name, labels = "darkroom_limit_refusals_total", {"policy": "jobs"}
    assert process.registry.get_sample_value(name, labels) == 2

    process.pass_seconds(1.001)
    assert await process.take() is None
    assert await process.take() is not None


async def test_where_it_comes_back_slowly_it_is_asked_again_each_second(
    clock: FixedClock,
) -> None:
    process = Process(clock, Rate(2, 86_400))
    process.rates.start()
    refusal = await process.take(3)
    commits = process.database.commits
    process.pass_seconds(1)
    await process.take()
    await process.rates.stop()

    assert refusal is not None
    assert refusal.extra["retry_after"] == 43_200
    assert process.database.commits == commits + 1


async def test_what_is_not_used_within_a_second_goes_back(process: Process) -> None:
    await process.take(4)
    held = process.allowance.held
    await process.rates.give_back_unused()
    kept = process.allowance.held
    process.pass_seconds(1)

    await process.rates.give_back_unused()

    assert held == kept > 0
    assert process.allowance.held == 0
    assert process.used == pytest.approx(3)  # four, and one second's worth has come back


async def test_an_old_portion_is_not_used_but_taken_along(process: Process) -> None:
    await process.take(4)
    process.pass_seconds(1)

    await process.take()

    assert process.allowance.held == 0
    assert process.used == pytest.approx(4)


async def test_what_came_to_nothing_is_given_back(process: Process) -> None:
    await process.take()
    process.allowance.give_back()

    assert process.allowance.left == 100


async def test_a_changed_limit_holds_at_once_and_what_was_used_stays_used(
    process: Process,
) -> None:
    await process.take(101)
    async with process.database.unit_of_work() as work:
        await work.limits.put("shop", {"jobs": {"quota": 150, "seconds": 100}})
    await process.limits.renew()

    assert await process.take(50) is None
    assert await process.take() is not None


async def test_a_limit_that_is_lifted_gives_back_what_was_held(process: Process) -> None:
    await process.take(4)
    async with process.database.unit_of_work() as work:
        await work.limits.put("shop", {"jobs": None})
    await process.limits.renew()

    assert process.rates.find("shop", Policy.JOBS) is None
    await process.rates.give_back_unused()
    assert process.used == 4


async def test_nobody_is_refused_because_the_database_is_away(process: Process) -> None:
    process.database.refuse_with = DatabaseUnavailableError("away")

    assert await process.take(300) is None
    process.allowance.give_back()
    assert process.allowance.held == 0

    process.database.refuse_with = None
    assert await process.take() is None
    process.pass_seconds(1)
    assert await process.take(101) is not None


async def test_a_bug_is_not_a_pass(process: Process) -> None:
    process.database.refuse_with = KeyError("a bug")

    with pytest.raises(KeyError):
        await process.take()


async def test_who_does_not_come_is_forgotten(process: Process) -> None:
    await process.take()
    first = process.allowance
    process.pass_seconds(IDLE_SECONDS)

    await process.rates.give_back_unused()
    await process.rates.tidy()

    assert process.allowance is not first
    assert process.allowance.left is None


async def test_all_at_once_get_what_there_is_in_the_order_they_came(process: Process) -> None:
    allowance = process.allowance
    answers = await asyncio.gather(*(process.rates.take(allowance) for _ in range(130)))

    assert [answer is None for answer in answers] == [True] * 100 + [False] * 30


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("600/minute", Rate(600, 60)),
        ("50/h", Rate(50, 3600)),
        (" 10 / 5s ", Rate(10, 5)),
        ("7/2 days", Rate(7, 172_800)),
        ("1/s", Rate(1, 1)),
    ],
)
def test_rates_as_people_write_them(text: str, rate: Rate) -> None:
    assert Rate.parse(text) == rate
    assert Rate.parse(str(rate)) == rate


@pytest.mark.parametrize("text", ["", "600", "0/s", "5/0s", "1/32d", "-1/s", "a/s", "5/fortnight"])
def test_what_is_not_a_rate(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate such as|at least one"):
        Rate.parse(text)
