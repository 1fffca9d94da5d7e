"""How many keys a tenant may have, and what becomes of old ones, on real Postgres."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import KeyQuotaExceededError
from services.api.metrics import LimitMetrics
from services.api.models import OPERATOR, ApiKey, KeyRules, Scope
from services.api.service.key_purging import BATCH, KeyPurging
from services.api.service.key_ring import KeyRing
from services.api.service.keys import KeyService, WantedKey
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.testing import FixedClock

READ = frozenset({Scope.MEDIA_READ})
REFUSALS = "darkroom_limit_refusals_total"


class Process:
    """One api process, where three keys of a tenant may count."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: FixedClock) -> None:
        self.registry = CollectorRegistry()
        self.keys = KeyService(
            unit_of_work,
            KeyRing(unit_of_work, clock),
            clock,
            uuid7,
            most=3,
            limited=LimitMetrics(self.registry),
        )

    async def make(self, tenant: str = "shop", lasting: timedelta | None = None) -> ApiKey:
        key, _ = await self.keys.create(OPERATOR, WantedKey("app", READ, tenant, lasting))
        return key

    async def listed(self, tenant: str | None = None) -> list[ApiKey]:
        return await self.keys.list_by_tenant(OPERATOR, tenant, 10_000)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def here(postgres: OpenUnitOfWork, clock: FixedClock) -> Process:
    return Process(postgres, clock)


@pytest.fixture
def there(postgres: OpenUnitOfWork, clock: FixedClock) -> Process:
    return Process(postgres, clock)


async def test_a_tenant_gets_only_so_many_keys_though_it_asks_everywhere_at_once(
    here: Process, there: Process
) -> None:
    asked = [process.make(tenant) for process in (here, there) * 4 for tenant in ("shop", "rival")]
    answers = await asyncio.gather(*asked, return_exceptions=True)

    refused = [one for one in answers if isinstance(one, KeyQuotaExceededError)]
    assert len(refused) == len(answers) - 6
    assert all(one.extra == {"quota": "keys", "limit": 3, "used": 3} for one in refused)
    assert [len(await here.listed(tenant)) for tenant in ("shop", "rival")] == [3, 3]
    counted = [p.registry.get_sample_value(REFUSALS, {"policy": "keys"}) for p in (here, there)]
    assert sum(filter(None, counted)) == len(refused)


async def test_what_counts_no_more_makes_room(here: Process, clock: FixedClock) -> None:
    await here.make(lasting=timedelta(hours=1))
    revoked = await here.make()
    await here.make()
    with pytest.raises(KeyQuotaExceededError, match="There are 3 keys that count, and 3 may be"):
        await here.make()

    await here.keys.revoke(OPERATOR, revoked.id)
    await here.make()
    clock.advance(timedelta(hours=1))
    await here.make()

    with pytest.raises(KeyQuotaExceededError):
        await here.make()
    assert len(await here.listed("shop")) == 5


async def test_keys_that_have_long_ended_are_forgotten_and_no_others(
    here: Process, postgres: OpenUnitOfWork, clock: FixedClock
) -> None:
    began, scopes = clock.now(), frozenset({Scope.KEYS})
    async with postgres() as work:
        for _ in range(BATCH + 1):
            key = ApiKey(uuid7(), "old", "app", scopes, began, expires_at=began)
            await work.keys.add(key)
    revoked, stays = await here.make(), await here.make()
    await here.keys.revoke(OPERATOR, revoked.id)
    purging = KeyPurging(postgres, clock, KeyRules().kept)

    clock.advance(timedelta(days=90))
    await purging.tidy()
    assert len(await here.listed()) == BATCH + 3
    clock.advance(timedelta(seconds=1))
    await asyncio.gather(purging.tidy(), purging.tidy())

    assert await here.listed() == [stays]
