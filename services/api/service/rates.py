"""How often tenants may ask, exact over all processes of the api, and nearly free.

Whoever waits for the database waits together: one statement for all tenants, while it runs the next
gathers. Neighbours: `allowances` counts in memory, `limits` knows what holds for whom, `requests`
asks for every job and `routes/limiting` for every call.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence

import structlog

from services.api.metrics import LimitMetrics
from services.api.models.limits import Ask, Grant, Policy
from services.api.service.allowances import Allowance
from services.api.service.limits import LimitCatalogue
from services.api.unit_of_work import OpenUnitOfWork
from shared.database.transient import is_transient
from shared.errors import RateLimitedError
from shared.messaging.batcher import Batcher

IDLE_SECONDS = 300.0

log = structlog.get_logger(__name__)


class RateLimits:
    """The allowances of all tenants that have any limit."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        limits: LimitCatalogue,
        metrics: LimitMetrics,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._limits = limits
        self._metrics = metrics
        self._elapsed = elapsed
        self._allowances: dict[tuple[str, Policy], Allowance] = {}
        self._gone: list[Allowance] = []
        self._changes = limits.changes
        self._batcher: Batcher[Allowance, bool] = Batcher(self._draw_all, limit=1_000)

    def start(self) -> None:
        """Begin asking the database."""
        self._batcher.start()

    async def stop(self) -> None:
        """End; what was not used goes back."""
        await self._batcher.stop()
        await self._give_back(list(self._allowances.values()))

    def find(self, tenant: str, policy: Policy) -> Allowance | None:
        """The tenant's allowance; None: as often as it likes."""
        if self._changes != self._limits.changes:
            self._change()
        known = self._allowances.get((tenant, policy))
        if known is not None:
            return known
        rate = self._limits.of(tenant).rate(policy)
        if rate is None:
            return None
        allowance = Allowance(tenant, policy, rate, self._batcher.submit, self._elapsed)
        self._allowances[tenant, policy] = allowance
        return allowance

    async def take(self, allowance: Allowance) -> RateLimitedError | None:
        """Use one, or say why that cannot be."""
        refusal = await allowance.take()
        if refusal is not None:
            self.refused(allowance.policy)
        return refusal

    def refused(self, policy: Policy) -> None:
        """Somebody was refused on account of this."""
        self._metrics.refused(policy.value)

    async def give_back_unused(self) -> None:
        """What was taken in advance and not needed goes back; who does not come is forgotten."""
        over = [one for one in self._allowances.values() if one.is_over()]
        gone, self._gone = self._gone, []
        if over or gone:
            await self._give_back([*over, *gone])
        idle = [key for key, one in self._allowances.items() if one.is_idle(IDLE_SECONDS)]
        for key in idle:
            del self._allowances[key]

    async def tidy(self) -> None:
        """Rows about those that have not come for long are deleted."""
        async with self._unit_of_work() as work:
            work.alone()
            await work.limits.tidy()

    def _change(self) -> None:
        """Whose limit is another now goes by it at once; what was used stays used."""
        self._changes = self._limits.changes
        for key, one in list(self._allowances.items()):
            rate = self._limits.of(one.tenant).rate(one.policy)
            if rate is None:
                self._gone.append(self._allowances.pop(key))
            elif rate != one.rate:
                one.change(rate)

    async def _draw_all(self, waiting: Sequence[Allowance]) -> Sequence[bool]:
        """Whether each of those that wait gets one, in the order they came."""
        needed = Counter(waiting)
        asks = [allowance.ask(count) for allowance, count in needed.items()]
        try:
            grants = await self._take(asks)
        except Exception as error:
            if not is_transient(error):
                raise
            log.warning("limits.unknown", error=repr(error)[:200])
            for allowance, ask in zip(needed, asks, strict=True):
                allowance.unknown(ask.back)
            return [True] * len(waiting)
        left = Counter(
            {
                allowance: allowance.receive(count, grant)
                for (allowance, count), grant in zip(needed.items(), grants, strict=True)
            }
        )
        return [self._deal(left, allowance) for allowance in waiting]

    @staticmethod
    def _deal(left: Counter[Allowance], allowance: Allowance) -> bool:
        left[allowance] -= 1
        return left[allowance] >= 0

    async def _give_back(self, allowances: Sequence[Allowance]) -> None:
        asks = [(one, ask) for one in allowances if (ask := one.ask(0)).back]
        if asks:
            grants = await self._take([ask for _, ask in asks])
            for (allowance, _), grant in zip(asks, grants, strict=True):
                allowance.receive(0, grant)

    async def _take(self, asks: Sequence[Ask]) -> list[Grant]:
        """What there is for each; of whom nothing is known is noted first."""
        grants = await self._ask(asks)
        while missing := [ask for ask, grant in zip(asks, grants, strict=True) if grant is None]:
            async with self._unit_of_work() as work:
                work.alone()
                await work.limits.add(missing)
            found = iter(await self._ask(missing))
            grants = [next(found) if grant is None else grant for grant in grants]
        return [grant for grant in grants if grant is not None]

    async def _ask(self, asks: Sequence[Ask]) -> list[Grant | None]:
        async with self._unit_of_work() as work:
            work.alone()
            return await work.limits.take(asks)
