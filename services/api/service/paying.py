"""Accepting requests that may cost money: what they may cost is set aside with their acceptance.

They are written in batches of their own, so that nobody else waits for the lock on a budget.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.api.errors import BudgetExhaustedError
from services.api.metrics import ApiMetrics
from services.api.models import Account, EarlierUse, NewRequest, Period, money, usd
from services.api.service.candidates import Answer, Candidate, answers_of, replay
from services.api.service.submission import Accepted
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.events.parts import rfc3339
from shared.messaging.batcher import Batcher

Key = tuple[str, str]
Uses = Mapping[Key, EarlierUse]


class PaidRequests:
    """Writes those that the budget of their tenant has room for, in the order they came in."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock, metrics: ApiMetrics) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._metrics = metrics
        self.batcher: Batcher[Candidate, Answer] = Batcher(self._write, limit=200)

    async def _write(self, batch: Sequence[Candidate]) -> Sequence[Answer]:
        """One transaction for all; a key that occurs twice is written for the first only."""
        firsts: dict[object, NewRequest] = {}
        for one in batch:
            firsts.setdefault(one.request.key_id or one.request.job.id, one.request)
        async with self._unit_of_work() as work:
            accounts = await self._accounts(work, {one.job.tenant for one in firsts.values()})
            used = await _find_earlier(work, firsts.values())
            fresh = [request for request in firsts.values() if request.key_id not in used]
            refused = _beyond(fresh, accounts)
            taken = [request for request in fresh if request.job.id not in refused]
            written = await self._add(work, taken)
            if late := [request for request in taken if request.job.id not in written]:
                used = {**used, **await _find_earlier(work, late)}
        self._metrics.accepted(one.job for one in taken if one.job.id in written)
        self._metrics.over_budget(one.job for one in fresh if one.job.id in refused)
        return [_answer(one, firsts, written, refused, used) for one in batch]

    async def _accounts(self, work: ApiUnitOfWork, tenants: set[str]) -> dict[str, Account]:
        """Of those that have a budget, which is held from here on."""
        limited = await work.budgets.lock(tenants)
        return await work.budgets.accounts(limited, self._clock.now()) if limited else {}

    async def _add(self, work: ApiUnitOfWork, requests: Sequence[NewRequest]) -> set[UUID]:
        if not requests:
            return set()
        written = await work.acceptance.add(requests)
        await work.outbox.send(answers_of(requests, written))
        await work.budgets.reserve(
            {
                one.job.id: (one.job.tenant, one.reserve)
                for one in requests
                if one.job.id in written and one.reserve is not None
            }
        )
        return written


def may_cost(max_cost: Decimal, input: Mapping[str, Any]) -> Decimal:
    """What a request may cost: as much as its generator says, or less if its input says so."""
    asked = input.get("max_cost")
    if isinstance(asked, int | float) and not isinstance(asked, bool):
        return min(max_cost, money(asked))
    return max_cost


def _beyond(
    requests: Iterable[NewRequest], accounts: Mapping[str, Account]
) -> dict[UUID, BudgetExhaustedError]:
    """Those that there is not enough left for."""
    standing, refused = dict(accounts), {}
    for request in requests:
        account, needed = standing.get(request.job.tenant), request.reserve or Decimal(0)
        if account is None:
            continue
        if account.left is not None and needed > account.left:
            refused[request.job.id] = _exhausted(account, needed)
        else:
            reserved = account.reserved + needed
            standing[account.tenant] = replace(account, reserved=reserved)
    return refused


def _exhausted(account: Account, needed: Decimal) -> BudgetExhaustedError:
    limit, left = account.limit or Decimal(0), account.left or Decimal(0)
    ends = account.ends_at
    monthly = " a month" if account.period is Period.MONTH else ""
    renewed = f" The next month begins {ends:%Y-%m-%d %H:%M} UTC." if ends else ""
    return BudgetExhaustedError(
        f"It may cost {usd(needed)}, and {usd(left)} is left of the budget of {usd(limit)}"
        f"{monthly}; {usd(account.reserved)} is set aside for what is under way.{renewed}",
        extra={
            "limit": float(limit),
            "left": float(left),
            "needed": float(needed),
            "period": account.period.value,
            "period_ends_at": rfc3339(ends) if ends else None,
        },
    )


async def _find_earlier(work: ApiUnitOfWork, requests: Iterable[NewRequest]) -> Uses:
    keys = sorted({request.key_id for request in requests if request.key_id})
    return await work.acceptance.find_earlier(keys) if keys else {}


def _answer(
    candidate: Candidate,
    firsts: Mapping[object, NewRequest],
    written: set[UUID],
    refused: Mapping[UUID, BudgetExhaustedError],
    used: Uses,
) -> Answer:
    """One whose key came twice is answered like the first."""
    request = candidate.request
    first = firsts[request.key_id or request.job.id]
    if first.job.id not in written | refused.keys():
        return replay(candidate, used.get(request.key_id) if request.key_id else None)
    if first is request:
        return refused.get(request.job.id) or Accepted(request.job)
    if first.job.id in refused:
        return refused[first.job.id]
    fingerprint = first.key.fingerprint if first.key else ""
    return replay(candidate, EarlierUse(fingerprint, first.job))
