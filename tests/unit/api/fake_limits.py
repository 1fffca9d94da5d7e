"""Limits in memory: the same arithmetic as in Postgres, by the test's clock."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.api.models.limits import Ask, Grant, Policy, UploadUse
from services.api.repository import LimitRepository
from services.api.repository.limits import SPARE_SHARE
from shared.clock import Clock
from tests.unit.api.tables import Tables


class FakeLimits(LimitRepository):
    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def take(self, asks: Sequence[Ask]) -> list[Grant | None]:
        return [self._take(ask) for ask in asks]

    def _take(self, ask: Ask) -> Grant | None:
        kept = self._tables.rates.get((ask.tenant, ask.policy))
        if kept is None:
            return None
        now = self._clock.now()
        leaked = ask.rate.a_second * max(0.0, (now - kept[1]).total_seconds())
        used = max(0.0, kept[0] - ask.back - leaked)
        available = max(0, int(ask.rate.quota - used))
        spare = min(ask.spare, max(0, available - ask.needed) // SPARE_SHARE)
        granted = min(available, ask.needed) + spare
        self._tables.rates[ask.tenant, ask.policy] = (used + granted, max(kept[1], now))
        return Grant(granted, used + granted)

    async def add(self, asks: Sequence[Ask]) -> None:
        for ask in asks:
            self._tables.rates.setdefault((ask.tenant, ask.policy), (0.0, self._clock.now()))

    async def used(self, tenant: str) -> dict[Policy, tuple[float, float]]:
        now = self._clock.now()
        return {
            policy: (used, (now - at).total_seconds())
            for (whose, policy), (used, at) in self._tables.rates.items()
            if whose == tenant
        }

    async def tidy(self, limit: int = 10_000) -> int:
        return 0

    async def exceptions(self) -> dict[str, Mapping[str, Any]]:
        return dict(self._tables.said_of_limits)

    async def put(self, tenant: str, said: Mapping[str, Any]) -> None:
        self._tables.said_of_limits[tenant] = dict(said)

    async def remove(self, tenant: str) -> None:
        self._tables.said_of_limits.pop(tenant, None)

    async def uploads(self, tenant: str) -> UploadUse:
        sizes = [one.size for one in self._tables.uploads.values() if one.tenant == tenant]
        return UploadUse(len(sizes), sum(sizes))
