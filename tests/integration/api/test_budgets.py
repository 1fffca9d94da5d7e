"""Money in the api's database: the one in memory, and Postgres."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import BudgetExhaustedError
from services.api.metrics import ApiMetrics
from services.api.models import Account, Budget, Charge, Job, Period, Status
from services.api.service.candidates import Answer, Candidate
from services.api.service.paying import PaidRequests
from services.api.service.submission import Accepted
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import SystemClock, uuid7
from shared.testing import (
    a_failed_attempt,
    a_generator_announced,
    a_media_failed,
    a_media_needs_reconciliation,
    a_media_ready,
    a_media_retrying,
    an_attempt,
    eventually,
)
from tests.integration.api.neighbours import Neighbours
from tests.integration.api.test_repositories import changed, stored
from tests.unit.api.builders import a_new_request

NOW = datetime.now(UTC)


async def limited(unit_of_work: OpenUnitOfWork, amount: str, period: Period) -> None:
    async with unit_of_work() as work:
        await work.budgets.put(Budget("default", Decimal(amount), period))


async def account(unit_of_work: OpenUnitOfWork, tenant: str = "default") -> Account:
    async with unit_of_work() as work:
        return (await work.budgets.accounts([tenant], NOW))[tenant]


async def reserved(unit_of_work: OpenUnitOfWork, job_id: UUID, amount: str) -> None:
    async with unit_of_work() as work:
        await work.budgets.reserve({job_id: ("default", Decimal(amount))})


async def charged(
    unit_of_work: OpenUnitOfWork,
    job_id: UUID,
    cost: str,
    *,
    attempt: int = 1,
    at: datetime = NOW,
    tenant: str = "default",
) -> None:
    charge = Charge(job_id, attempt, tenant, "card", "replicate", Decimal(cost), at)
    async with unit_of_work() as work:
        await work.budgets.settle([charge])


async def test_a_budget_is_set_changed_and_lifted(unit_of_work: OpenUnitOfWork) -> None:
    await limited(unit_of_work, "1.5", Period.MONTH)
    await limited(unit_of_work, "2.000001", Period.TOTAL)
    two = await account(unit_of_work)
    async with unit_of_work() as work:
        await work.budgets.remove("default")

    assert (two.limit, two.period, two.left) == (Decimal("2.000001"), Period.TOTAL, two.limit)
    assert (await account(unit_of_work)).limit is None


async def test_an_attempt_is_entered_once(unit_of_work: OpenUnitOfWork) -> None:
    job_id = uuid7()
    await charged(unit_of_work, job_id, "0.25")
    await charged(unit_of_work, job_id, "0.25")
    await charged(unit_of_work, job_id, "0.125", attempt=2)
    await charged(unit_of_work, uuid7(), "7", tenant="other")

    assert (await account(unit_of_work)).spent == Decimal("0.375")


async def test_a_month_begins_with_nothing_spent(unit_of_work: OpenUnitOfWork) -> None:
    await charged(unit_of_work, uuid7(), "0.25", at=NOW - timedelta(days=32))
    await charged(unit_of_work, uuid7(), "0.5")

    await limited(unit_of_work, "1", Period.MONTH)
    assert (await account(unit_of_work)).left == Decimal("0.5")
    await limited(unit_of_work, "1", Period.TOTAL)
    assert (await account(unit_of_work)).left == Decimal("0.25")


async def test_what_is_set_aside_counts_until_the_job_has_ended(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await stored(unit_of_work)
    await reserved(unit_of_work, job.id, "0.5")
    assert (await account(unit_of_work)).reserved == Decimal("0.5")

    await charged(unit_of_work, job.id, "0.2")
    assert (await account(unit_of_work)).reserved == Decimal("0.3")
    await charged(unit_of_work, job.id, "0.4", attempt=2)
    assert (await account(unit_of_work)).reserved == 0

    other = await stored(unit_of_work)
    await reserved(unit_of_work, other.id, "0.5")
    async with unit_of_work() as work:
        assert await work.budgets.tidy() == 0
    await changed(unit_of_work, _ended(job), _ended(other))
    assert (await account(unit_of_work)).reserved == 0
    async with unit_of_work() as work:
        assert await work.budgets.tidy() == 2


def _ended(job: Job) -> Job:
    return replace(job, status=Status.FAILED, finished_at=NOW)


@pytest.fixture
async def paid(postgres: OpenUnitOfWork) -> AsyncIterator[tuple[PaidRequests, ...]]:
    """Two processes of the api."""
    metrics = ApiMetrics(CollectorRegistry())
    processes = tuple(PaidRequests(postgres, SystemClock(), metrics) for _ in range(2))
    for process in processes:
        process.batcher.start()
    yield processes
    for process in processes:
        await process.batcher.stop()


async def test_requests_at_once_never_spend_more_than_there_is(
    postgres: OpenUnitOfWork, paid: tuple[PaidRequests, ...]
) -> None:
    await limited(postgres, "1", Period.TOTAL)

    async def ask(number: int) -> Answer:
        await asyncio.sleep(0.002 * (number // 6))
        request = replace(a_new_request(created_at=NOW, updated_at=NOW), reserve=Decimal("0.1"))
        return await paid[number % 2].batcher.offer(Candidate(request, None))

    answers = await asyncio.gather(*(ask(number) for number in range(60)))

    assert sum(isinstance(answer, Accepted) for answer in answers) == 10
    assert sum(isinstance(answer, BudgetExhaustedError) for answer in answers) == 50
    assert (await account(postgres)).left == 0


async def test_a_story_of_money_and_doubt(
    client: httpx.AsyncClient, neighbours: Neighbours
) -> None:
    announced = a_generator_announced(name="card", max_cost=0.5)
    await neighbours.say(announced)

    async def known() -> None:
        assert (await client.get("/v1/generators/card")).json().get("max_cost") == 0.5

    await eventually(known)
    assert (
        await client.put("/v1/budget", json={"limit": 0.8, "period": "total"})
    ).status_code == 200
    body = {"generator": "card", "input": {"title": "Dear"}}
    job_id = (await client.post("/v1/media", json=body)).json()["id"]
    assert (await client.post("/v1/media", json=body)).status_code == 402

    failed = a_failed_attempt(cost=0.1, backend="replicate")
    await neighbours.say(
        a_media_retrying(job_id=job_id, attempt=failed),
        a_media_needs_reconciliation(
            job_id=job_id, attempt=a_failed_attempt(number=2, backend="replicate")
        ),
    )

    async def parked() -> None:
        job = (await client.get(f"/v1/media/{job_id}")).json()
        assert (job["status"], job["cost"]) == ("needs_reconciliation", 0.1)

    await eventually(parked)
    found = {"resolution": "attach", "provider_job_id": "p-1"}
    answer = await client.post(f"/v1/media/{job_id}/reconcile", json=found)
    assert (answer.status_code, answer.json()["status"]) == (202, "retrying")

    made = an_attempt(number=3, cost=0.2, backend="replicate")
    await neighbours.say(a_media_ready(job_id=job_id, attempt=made))

    async def settled() -> None:
        job = (await client.get(f"/v1/media/{job_id}")).json()
        assert (job["status"], job["cost"]) == ("ready", 0.3)
        budget = (await client.get("/v1/budget")).json()
        assert (budget["spent"], budget["reserved"], budget["left"]) == (0.3, 0, 0.5)

    await eventually(settled)
    assert (await client.post("/v1/media", json=body)).status_code == 202
    other = (await client.get("/v1/media?status=queued")).json()["items"][0]["id"]
    await neighbours.say(a_media_failed(job_id=other, attempt=None))
