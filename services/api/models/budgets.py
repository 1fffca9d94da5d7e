"""Money, in USD: what a tenant may spend, has spent, and has set aside for what is under way."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

LARGEST: Final = Decimal("999999.999999")
"""What a column holds."""
_CENT: Final = Decimal("0.01")
_SMALLEST: Final = Decimal("0.000001")


class Period(StrEnum):
    """What a budget is for."""

    MONTH = "month"  # a calendar month, in UTC
    TOTAL = "total"  # for ever

    def begins(self, now: datetime) -> datetime | None:
        """When the one began that `now` belongs to; None: before everything."""
        if self is Period.TOTAL:
            return None
        return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def ends(self, now: datetime) -> datetime | None:
        """When the next one begins; None: never."""
        first = self.begins(now)
        if first is None:
            return None
        year, month = divmod(first.year * 12 + first.month, 12)
        return first.replace(year=year, month=month + 1)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a tenant may spend in each period."""

    tenant: str
    limit: Decimal
    period: Period = Period.MONTH


@dataclass(frozen=True, slots=True)
class Account:
    """How a tenant stands: `spent` in this period, `reserved` for jobs that have not ended.

    Without a `limit` the period is the month.
    """

    tenant: str
    limit: Decimal | None
    period: Period
    spent: Decimal
    reserved: Decimal
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def left(self) -> Decimal | None:
        """What may still be set aside; None: anything."""
        if self.limit is None:
            return None
        return max(Decimal(0), self.limit - self.spent - self.reserved)


@dataclass(frozen=True, slots=True)
class Charge:
    """What one attempt has cost. It is entered once, however often it is heard of."""

    job_id: UUID
    attempt: int
    tenant: str
    generator: str
    backend: str
    cost: Decimal
    at: datetime


def money(value: float) -> Decimal:
    """An amount as a column holds it, whoever said it."""
    return min(LARGEST, max(Decimal(0), Decimal(repr(float(value))).quantize(_SMALLEST)))


def usd(amount: Decimal) -> str:
    """For people: $0.50, $0.003, $1200.00."""
    exact = amount.normalize()
    return f"${exact.quantize(_CENT) if exact == exact.quantize(_CENT) else exact:f}"
