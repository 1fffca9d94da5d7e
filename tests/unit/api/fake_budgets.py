"""Budgets in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.api.models import Account, Budget, Charge, Period
from services.api.repository import BudgetRepository
from tests.unit.api.tables import Tables


class FakeBudgets(BudgetRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def put(self, budget: Budget) -> None:
        self._tables.budgets[budget.tenant] = budget

    async def remove(self, tenant: str) -> None:
        self._tables.budgets.pop(tenant, None)

    async def lock(self, tenants: Collection[str]) -> set[str]:
        return self._tables.budgets.keys() & set(tenants)

    async def accounts(self, tenants: Collection[str], now: datetime) -> dict[str, Account]:
        return {tenant: self._account(tenant, now) for tenant in tenants}

    def _account(self, tenant: str, now: datetime) -> Account:
        budget = self._tables.budgets.get(tenant)
        period = budget.period if budget else Period.MONTH
        since = period.begins(now)
        spent = [
            charge.cost
            for charge in self._tables.spending.values()
            if charge.tenant == tenant and (since is None or charge.at >= since)
        ]
        reserved = [
            max(Decimal(0), amount - self._cost_of(job_id))
            for job_id, (whose, amount) in self._tables.reservations.items()
            if whose == tenant and not self._tables.jobs[job_id].status.final
        ]
        return Account(
            tenant=tenant,
            limit=budget.limit if budget else None,
            period=period,
            spent=sum(spent, Decimal(0)),
            reserved=sum(reserved, Decimal(0)),
            starts_at=since,
            ends_at=period.ends(now),
        )

    def _cost_of(self, job_id: UUID) -> Decimal:
        spending = self._tables.spending.items()
        return sum((one.cost for (job, _), one in spending if job == job_id), Decimal(0))

    async def reserve(self, amounts: Mapping[UUID, tuple[str, Decimal]]) -> None:
        self._tables.reservations.update(amounts)

    async def settle(self, charges: Sequence[Charge]) -> None:
        for charge in charges:
            self._tables.spending.setdefault((charge.job_id, charge.attempt), charge)

    async def tidy(self, limit: int = 10_000) -> int:
        jobs, kept = self._tables.jobs, self._tables.reservations
        over = [one for one in kept if one not in jobs or jobs[one].status.final][:limit]
        for job_id in over:
            del kept[job_id]
        return len(over)
