"""What a tenant may spend, and how that stands.

Neighbours: `paying` sets money aside, `projection` enters what attempts have cost.
"""

from services.api.models import Account, Budget
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock


class BudgetService:
    """Budgets as people see and set them."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def account(self, tenant: str) -> Account:
        """How the tenant stands now."""
        async with self._unit_of_work() as work:
            work.alone()
            return (await work.budgets.accounts([tenant], self._clock.now()))[tenant]

    async def limit(self, budget: Budget) -> Account:
        """This holds from now on; what is under way goes on, also where that is more."""
        async with self._unit_of_work() as work:
            await work.budgets.put(budget)
            return (await work.budgets.accounts([budget.tenant], self._clock.now()))[budget.tenant]

    async def lift(self, tenant: str) -> Account:
        """The tenant may spend anything from now on."""
        async with self._unit_of_work() as work:
            await work.budgets.remove(tenant)
            return (await work.budgets.accounts([tenant], self._clock.now()))[tenant]

    async def tidy(self) -> None:
        """Take away what was set aside for jobs that have ended."""
        async with self._unit_of_work() as work:
            work.alone()
            await work.budgets.tidy()
