"""How often tenants may ask, over several processes: on the database in memory, and on Postgres."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest
from prometheus_client import CollectorRegistry

from services.api.metrics import LimitMetrics
from services.api.models import Policy, Rate, TenantLimits
from services.api.models.limits import Ask, Grant
from services.api.service.limits import LimitCatalogue
from services.api.service.rates import RateLimits
from services.api.unit_of_work import OpenUnitOfWork

SLOWLY = Rate(50, 36_000)
"""Nothing comes back while a test runs."""

StartProcess = Callable[[Rate], RateLimits]


@pytest.fixture
async def start_process(unit_of_work: OpenUnitOfWork) -> AsyncIterator[StartProcess]:
    """What one process of the api knows; any number of them share the database."""
    started: list[RateLimits] = []

    def start(rate: Rate) -> RateLimits:
        limits = LimitCatalogue(unit_of_work, TenantLimits(jobs=rate))
        rates = RateLimits(unit_of_work, limits, LimitMetrics(CollectorRegistry()))
        rates.start()
        started.append(rates)
        return rates

    yield start
    for rates in started:
        await rates.stop()


async def asked(rates: RateLimits, times: int, tenant: str = "shop") -> int:
    """How many of so many got through, all at once."""
    allowance = rates.find(tenant, Policy.JOBS)
    assert allowance is not None
    refusals = await asyncio.gather(*(rates.take(allowance) for _ in range(times)))
    return refusals.count(None)


async def asked_in_turn(rates: RateLimits, times: int) -> int:
    return sum([await asked(rates, 1) for _ in range(times)])


async def take(unit_of_work: OpenUnitOfWork, *asks: Ask) -> list[Grant | None]:
    async with unit_of_work() as work:
        return await work.limits.take(asks)


async def known(unit_of_work: OpenUnitOfWork, *asks: Ask) -> None:
    async with unit_of_work() as work:
        await work.limits.add(asks)


async def test_two_processes_together_let_through_exactly_what_is_allowed(
    start_process: StartProcess,
) -> None:
    first, second = start_process(SLOWLY), start_process(SLOWLY)

    through = await asyncio.gather(asked(first, 60), asked(second, 60))

    assert sum(through) == 50


async def test_the_same_one_after_the_other(start_process: StartProcess) -> None:
    first, second = start_process(SLOWLY), start_process(SLOWLY)

    through = await asyncio.gather(asked_in_turn(first, 60), asked_in_turn(second, 60))

    assert sum(through) == 50


async def test_what_a_process_took_in_advance_goes_back_when_it_ends(
    start_process: StartProcess,
) -> None:
    first, second = start_process(SLOWLY), start_process(SLOWLY)
    used = await asked_in_turn(first, 4)

    await first.stop()

    assert used + await asked(second, 60) == 50


async def test_tenants_have_each_their_own(start_process: StartProcess) -> None:
    rates = start_process(SLOWLY)

    through = tuple(await asyncio.gather(asked(rates, 60, "shop"), asked(rates, 60, "press")))

    assert through == (50, 50)


async def test_many_tenants_in_many_processes_get_each_what_is_theirs(
    start_process: StartProcess,
) -> None:
    """Rows are locked in one order, so nobody waits for each other for ever."""
    processes = [start_process(SLOWLY) for _ in range(4)]
    tenants = [f"tenant-{number}" for number in range(12)]
    wanted = [(rates, tenant) for rates in processes for tenant in tenants for _ in range(3)]
    Random(7).shuffle(wanted)

    through = await asyncio.gather(*(asked(rates, 6, tenant) for rates, tenant in wanted))

    got: Counter[str] = Counter()
    for (_, tenant), count in zip(wanted, through, strict=True):
        got[tenant] += count
    assert got == dict.fromkeys(tenants, 50)


async def test_it_comes_back_evenly(unit_of_work: OpenUnitOfWork) -> None:
    ask = Ask("shop", Policy.JOBS, Rate(1_000_000, 1), needed=1_000_000)
    await known(unit_of_work, ask)
    [first] = await take(unit_of_work, ask)
    await asyncio.sleep(0)
    async with unit_of_work() as work:
        used = await work.limits.used("shop")

    [later] = await take(unit_of_work, ask)

    assert first == Grant(1_000_000, 1_000_000)
    assert used[Policy.JOBS][1] >= 0
    assert later is not None
    assert 0 < later.granted < 1_000_000


async def test_nobody_is_given_much_in_advance_where_little_is_left(
    unit_of_work: OpenUnitOfWork,
) -> None:
    ask = Ask("shop", Policy.JOBS, SLOWLY, needed=2, spare=20)
    await known(unit_of_work, ask)

    grants = [await take(unit_of_work, ask) for _ in range(3)]

    assert [grant and grant.granted for [grant] in grants] == [2 + 3, 2 + 2, 2 + 2]


async def test_what_is_given_back_can_be_had_again(unit_of_work: OpenUnitOfWork) -> None:
    ask = Ask("shop", Policy.JOBS, SLOWLY, needed=50)
    await known(unit_of_work, ask)
    await take(unit_of_work, ask)

    [nothing] = await take(unit_of_work, ask)
    [some] = await take(unit_of_work, ask._replace(back=7))

    assert nothing is not None
    assert some is not None
    assert (nothing.granted, some.granted) == (0, 7)


async def test_a_raised_quota_gives_more_at_once_and_a_lowered_one_less(
    unit_of_work: OpenUnitOfWork,
) -> None:
    ask = Ask("shop", Policy.JOBS, SLOWLY, needed=50)
    await known(unit_of_work, ask)
    await take(unit_of_work, ask)

    [more] = await take(unit_of_work, ask._replace(rate=Rate(60, 36_000)))
    [less] = await take(unit_of_work, ask._replace(rate=Rate(5, 36_000)))

    assert more is not None
    assert less is not None
    assert (more.granted, less.granted) == (10, 0)


async def test_of_whom_nothing_is_known_is_said_and_neighbours_are_granted(
    unit_of_work: OpenUnitOfWork,
) -> None:
    ask = Ask("shop", Policy.JOBS, SLOWLY, needed=1)
    await known(unit_of_work, ask)

    grants = await take(unit_of_work, ask._replace(tenant="new"), ask)

    assert [grant is None for grant in grants] == [True, False]


async def test_exceptions_are_kept_changed_and_removed(unit_of_work: OpenUnitOfWork) -> None:
    async with unit_of_work() as work:
        await work.limits.put("shop", {"jobs": {"quota": 5, "seconds": 60}})
    async with unit_of_work() as work:
        await work.limits.put("shop", {"uploads": None})
        await work.limits.put("press", {"uploads": 7})
        await work.limits.remove("nobody")
    limits = LimitCatalogue(unit_of_work, TenantLimits(uploads=3))
    await limits.renew()

    assert [limits.of(one).uploads for one in ("shop", "press", "other")] == [None, 7, 3]
    assert limits.exceptional() == ["press", "shop"]


async def test_old_use_is_forgotten(unit_of_work: OpenUnitOfWork) -> None:
    ask = Ask("shop", Policy.JOBS, SLOWLY, needed=1)
    await known(unit_of_work, ask)
    await take(unit_of_work, ask)

    async with unit_of_work() as work:
        assert await work.limits.tidy() == 0
