"""Budgets, reservations, and the ledger of what attempts have cost.

Whoever sets money aside holds the row of the tenant's budget meanwhile: two at once cannot both
have the last of it. A reservation counts as long as its job has not ended, less what the job has
cost so far; so nothing has to be released, and nothing can be forgotten.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.models import Account, Budget, Charge, Period
from shared.database.connection import Connection

_FINAL = "('ready', 'failed', 'canceled', 'expired')"

_PUT = text("""
INSERT INTO budget (tenant, amount, period) VALUES (:tenant, :amount, :period)
ON CONFLICT (tenant) DO UPDATE SET amount = excluded.amount, period = excluded.period
""")
_REMOVE = text("DELETE FROM budget WHERE tenant = :tenant")
_LOCK = text("""
SELECT tenant FROM budget WHERE tenant = ANY(CAST(:tenants AS text[])) ORDER BY tenant FOR UPDATE
""")
_ACCOUNTS = text(f"""
SELECT t.tenant, budget.amount, budget.period, (
    SELECT coalesce(sum(cost), 0) FROM spending WHERE spending.tenant = t.tenant
      AND at >= CASE budget.period WHEN 'total' THEN '-infinity'
        ELSE CAST(:month AS timestamptz) END
  ) AS spent, (
    SELECT coalesce(sum(greatest(0, amount - (
      SELECT coalesce(sum(cost), 0) FROM spending WHERE spending.job_id = reservation.job_id))), 0)
    FROM reservation JOIN job ON job.id = reservation.job_id
    WHERE reservation.tenant = t.tenant AND job.status NOT IN {_FINAL}
  ) AS reserved
FROM unnest(CAST(:tenants AS text[])) AS t(tenant) LEFT JOIN budget USING (tenant)
""")
_RESERVE = text("""
INSERT INTO reservation (job_id, tenant, amount)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:tenants AS text[]), CAST(:amounts AS numeric[]))
""")
_SETTLE = text("""
INSERT INTO spending (job_id, attempt, tenant, generator, backend, cost, at)
SELECT * FROM unnest(
  CAST(:ids AS uuid[]), CAST(:attempts AS int[]), CAST(:tenants AS text[]),
  CAST(:generators AS text[]), CAST(:backends AS text[]), CAST(:costs AS numeric[]),
  CAST(:ats AS timestamptz[])
) AS c(job_id, attempt, tenant, generator, backend, cost, at)
ORDER BY job_id, attempt
ON CONFLICT (job_id, attempt) DO NOTHING
""")
_TIDY = text(f"""
DELETE FROM reservation WHERE job_id IN (
  SELECT reservation.job_id FROM reservation LEFT JOIN job ON job.id = reservation.job_id
  WHERE job.id IS NULL OR job.status IN {_FINAL}
  ORDER BY 1 LIMIT :limit FOR UPDATE OF reservation SKIP LOCKED)
""")


class BudgetRepository:
    """What tenants may spend, and what they have spent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put(self, budget: Budget) -> None:
        """This holds from now on."""
        told = {"tenant": budget.tenant, "amount": budget.limit, "period": budget.period.value}
        await self._connection.execute(_PUT, told)

    async def remove(self, tenant: str) -> None:
        """The tenant may spend anything."""
        await self._connection.execute(_REMOVE, {"tenant": tenant})

    async def lock(self, tenants: Collection[str]) -> set[str]:
        """Those of them that have a budget; nobody else sets its money aside until the end."""
        rows = await self._connection.execute(_LOCK, {"tenants": sorted(tenants)})
        return set(rows.scalars())

    async def accounts(self, tenants: Collection[str], now: datetime) -> dict[str, Account]:
        """How they stand, whether or not they have a budget."""
        told = {"tenants": sorted(tenants), "month": Period.MONTH.begins(now)}
        rows = await self._connection.execute(_ACCOUNTS, told)
        return {row["tenant"]: _account(row, now) for row in rows.mappings()}

    async def reserve(self, amounts: Mapping[UUID, tuple[str, Decimal]]) -> None:
        """Set so much aside for new jobs, each with its tenant."""
        told = list(amounts.items())
        await self._connection.execute(
            _RESERVE,
            {
                "ids": [job_id for job_id, _ in told],
                "tenants": [tenant for _, (tenant, _) in told],
                "amounts": [amount for _, (_, amount) in told],
            },
        )

    async def settle(self, charges: Sequence[Charge]) -> None:
        """Enter what attempts have cost, each attempt once. One statement."""
        await self._connection.execute(
            _SETTLE,
            {
                "ids": [one.job_id for one in charges],
                "attempts": [one.attempt for one in charges],
                "tenants": [one.tenant for one in charges],
                "generators": [one.generator for one in charges],
                "backends": [one.backend for one in charges],
                "costs": [one.cost for one in charges],
                "ats": [one.at for one in charges],
            },
        )

    async def tidy(self, limit: int = 10_000) -> int:
        """Take away reservations that do not count any more. Answers how many."""
        return int((await self._connection.execute(_TIDY, {"limit": limit})).rowcount)


def _account(row: Mapping[Any, Any], now: datetime) -> Account:
    period = Period.MONTH if row["period"] is None else Period(row["period"])
    return Account(
        tenant=row["tenant"],
        limit=row["amount"],
        period=period,
        spent=row["spent"],
        reserved=row["reserved"],
        starts_at=period.begins(now),
        ends_at=period.ends(now),
    )
