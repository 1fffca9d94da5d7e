"""Limits as people see and set them: what holds, how much of it is in use.

Neighbours: `limits` tells the other parts what holds, `rates` and `uploads` keep to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.api.models import TenantLimits
from services.api.models.limits import Policy, Rate, UploadUse
from services.api.service.backlog import Backlog
from services.api.service.limits import LimitCatalogue
from services.api.service.rates import RateLimits
from services.api.unit_of_work import OpenUnitOfWork


@dataclass(frozen=True, slots=True)
class Standing:
    """How a tenant stands. `exceptions` are the names of what is not as the settings say.

    `left` is what it may still ask for, by policy, where that has a limit; `queued_jobs` are as of
    the last count, with what this process has accepted since.
    """

    tenant: str
    limits: TenantLimits
    exceptions: tuple[str, ...]
    left: Mapping[Policy, int]
    uploaded: UploadUse
    queued_jobs: int


class LimitBook:
    """Shows and changes them."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        limits: LimitCatalogue,
        rates: RateLimits,
        backlog: Backlog,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._limits = limits
        self._rates = rates
        self._backlog = backlog

    async def standing(self, tenant: str) -> Standing:
        """How the tenant stands now."""
        limits = self._limits.of(tenant)
        async with self._unit_of_work() as work:
            used = await work.limits.used(tenant)
            uploaded = await work.limits.uploads(tenant)
        rates = ((policy, limits.rate(policy)) for policy in Policy)
        left = {
            policy: self._left(tenant, policy, rate, used.get(policy, (0.0, 0.0)))
            for policy, rate in rates
            if rate is not None
        }
        said = tuple(self._limits.said_of(tenant))
        return Standing(tenant, limits, said, left, uploaded, self._backlog.waiting_of(tenant))

    async def change(self, tenant: str, said: Mapping[str, Any]) -> Standing:
        """This holds for the tenant in place of the settings, in every process at once."""
        async with self._unit_of_work() as work:
            await work.limits.put(tenant, said)
        await self._limits.renew()
        return await self.standing(tenant)

    async def reset(self, tenant: str) -> None:
        """The settings hold for the tenant again."""
        async with self._unit_of_work() as work:
            await work.limits.remove(tenant)
        await self._limits.renew()

    async def tenants(self) -> list[str]:
        """Those that something else holds for than the settings say."""
        await self._limits.renew()
        return self._limits.exceptional()

    def _left(self, tenant: str, policy: Policy, rate: Rate, used: tuple[float, float]) -> int:
        """With what this process has in advance; what others have counts as used."""
        amount, age = used
        in_use = max(0.0, amount - age * rate.a_second)
        allowance = self._rates.find(tenant, policy)
        held = allowance.held if allowance else 0
        return min(rate.quota, max(0, int(rate.quota - in_use)) + held)
