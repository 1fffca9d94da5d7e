"""What may be spent is set aside when it is asked for, and entered when it is spent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.api.errors import BudgetExhaustedError, IdempotencyKeyReusedError
from services.api.models import Budget, Period, money, usd
from services.api.routes.budgets import BudgetOut
from services.api.service import ApiServices
from services.api.service.command_reading import Command
from shared.clock import uuid7
from shared.events import MediaRejected
from shared.testing import (
    MOMENT,
    a_failed_attempt,
    a_generator_announced,
    a_media_failed,
    a_media_ready,
    a_media_request,
    a_media_retrying,
    an_attempt,
    an_event,
)
from tests.unit.api.builders import CARD, a_submission, received
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

PAID = {"generator": "paid", "input": CARD}


@pytest.fixture(autouse=True)
async def _a_generator_that_costs(services: ApiServices) -> None:
    """Up to half a dollar; what it may cost can be limited."""
    schema = {"type": "object", "properties": {"title": {}, "max_cost": {"type": "number"}}}
    announced = a_generator_announced(name="paid", max_cost=0.5, input_schema=schema)
    await services.projection.apply([received(announced)])


async def limit(services: ApiServices, amount: str, period: Period = Period.MONTH) -> None:
    await services.budgets.limit(Budget("default", Decimal(amount), period))


async def left(services: ApiServices) -> Decimal | None:
    return (await services.budgets.account("default")).left


def a_paid_one(key: str | None = None, **input: Any) -> Any:
    return a_submission(key, generator="paid", input={**CARD, **input})


async def test_what_a_request_may_cost_is_set_aside(services: ApiServices) -> None:
    await limit(services, "2")

    await services.requests.submit(a_paid_one())
    await services.requests.submit(a_paid_one(max_cost=0.2))
    await services.requests.submit(a_paid_one(max_cost=100))

    account = await services.budgets.account("default")
    assert (account.reserved, account.left) == (Decimal("1.2"), Decimal("0.8"))


async def test_what_costs_nothing_needs_no_budget(
    services: ApiServices, database: FakeDatabase
) -> None:
    await limit(services, "0")

    await services.requests.submit(a_submission())
    await services.requests.submit(a_paid_one(max_cost=0))

    assert len(database.tables.jobs) == 2


async def test_without_a_budget_anything_may_be_spent(services: ApiServices) -> None:
    for _ in range(3):
        await services.requests.submit(a_paid_one())

    account = await services.budgets.account("default")
    assert (account.limit, account.left, account.reserved) == (None, None, Decimal("1.5"))


async def test_more_than_is_left_is_refused_and_said_how_much_that_is(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    await limit(services, "0.7")
    assert (await client.post("/v1/media", json=PAID)).status_code == 202

    answer = await client.post("/v1/media", json=PAID)

    told = problem(answer, 402, "budget_exhausted").model_dump()
    assert (told["limit"], told["left"], told["needed"]) == (0.7, 0.2, 0.5)
    assert told["period"] == "month"
    assert told["period_ends_at"] == "2026-02-01T00:00:00.000000Z"
    assert "It may cost $0.50, and $0.20 is left of the budget of $0.70 a month" in told["detail"]
    assert len(database.tables.jobs) == 1
    cheap = {**PAID, "input": {**CARD, "max_cost": 0.2}}
    assert (await client.post("/v1/media", json=cheap)).status_code == 202


async def test_in_a_batch_each_is_accepted_or_refused(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    await limit(services, "1.2", Period.TOTAL)

    free = {"generator": "card", "input": CARD}
    answer = await client.post("/v1/media/batch", json={"requests": [PAID, PAID, PAID, free]})

    assert [one["status"] for one in answer.json()["answers"]] == [202, 202, 402, 202]
    refusal = answer.json()["answers"][2]["problem"]
    assert (refusal["code"], refusal["period_ends_at"]) == ("budget_exhausted", None)
    assert "month" not in refusal["detail"]


async def test_a_command_that_nothing_is_left_for_is_rejected(
    services: ApiServices, database: FakeDatabase
) -> None:
    await limit(services, "0.1")
    command = a_media_request(generator="paid")

    await services.commands.handle([Command(an_event(command), command, None)])

    [event] = database.tables.outbox
    assert isinstance(event.data, MediaRejected)
    assert event.data.problem["code"] == "budget_exhausted"


async def test_a_replay_is_answered_whatever_is_left(services: ApiServices) -> None:
    await limit(services, "0.5")
    first = await services.requests.submit(a_paid_one("http:k"))

    again = await services.requests.submit(a_paid_one("http:k"))

    assert (again.job.id, again.replayed) == (first.job.id, True)
    with pytest.raises(IdempotencyKeyReusedError):
        await services.requests.submit(a_paid_one("http:k", max_cost=0.1))
    with pytest.raises(BudgetExhaustedError):
        await services.requests.submit(a_paid_one("http:other"))


async def test_the_same_key_twice_at_once_is_one_request(
    services: ApiServices, database: FakeDatabase
) -> None:
    await limit(services, "0.5")
    batch = [services.requests.submit(a_paid_one("command:k")) for _ in range(2)]

    answers = await _all(batch)

    assert len({answer.job.id for answer in answers}) == len(database.tables.reservations) == 1


async def test_the_same_key_twice_at_once_is_refused_twice(services: ApiServices) -> None:
    await limit(services, "0.1")
    batch = [services.requests.submit(a_paid_one("command:k")) for _ in range(2)]

    answers = await _all(batch, ok=False)

    assert [type(answer) for answer in answers] == [BudgetExhaustedError] * 2


async def _all(work: list[Any], *, ok: bool = True) -> list[Any]:
    import asyncio

    return list(await asyncio.gather(*work, return_exceptions=not ok))


async def test_what_an_attempt_costs_is_entered_once(services: ApiServices) -> None:
    await limit(services, "2")
    job = (await services.requests.submit(a_paid_one())).job
    failed = a_failed_attempt(cost=0.125, backend="replicate")
    retrying = a_media_retrying(job_id=job.id, generator="paid", attempt=failed)

    for _ in range(2):
        await services.projection.apply([received(retrying), received(retrying)])

    account = await services.budgets.account("default")
    assert (account.spent, account.reserved) == (Decimal("0.125"), Decimal("0.375"))
    made = an_attempt(number=2, cost=0.25, backend="replicate")
    ready = a_media_ready(job_id=job.id, generator="paid", attempt=made)
    await services.projection.apply([received(ready)])
    account = await services.budgets.account("default")
    assert (account.spent, account.reserved) == (Decimal("0.375"), Decimal(0))


async def test_what_a_job_has_cost_is_said_with_it(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    job = (await services.requests.submit(a_paid_one())).job
    failed = a_failed_attempt(cost=0.1, backend="replicate")
    await services.projection.apply(
        [
            received(a_media_retrying(job_id=job.id, attempt=failed)),
            received(a_media_ready(job_id=job.id, attempt=an_attempt(number=2, cost=0.2))),
        ]
    )

    shown = (await client.get(f"/v1/media/{job.id}")).json()

    assert shown["cost"] == 0.3
    assert [one["cost"] for one in shown["attempts"]] == [0.1, 0.2]


async def test_a_job_that_ends_without_a_cost_gives_back_what_was_set_aside(
    services: ApiServices, database: FakeDatabase
) -> None:
    await limit(services, "0.5")
    job = (await services.requests.submit(a_paid_one())).job
    assert await left(services) == 0

    await services.projection.apply([received(a_media_failed(job_id=job.id, attempt=None))])

    assert await left(services) == Decimal("0.5")
    await services.requests.submit(a_paid_one())
    await services.budgets.tidy()
    assert len(database.tables.reservations) == 1


async def test_each_month_has_its_own_budget(services: ApiServices) -> None:
    await limit(services, "1")
    for at in (MOMENT - timedelta(days=40), MOMENT):
        attempt = an_attempt(cost=0.25, started_at=at, ended_at=at)
        ready = a_media_ready(job_id=uuid7(), attempt=attempt)
        await services.projection.apply([received(ready)])

    assert await left(services) == Decimal("0.75")
    await limit(services, "1", Period.TOTAL)
    assert await left(services) == Decimal("0.5")


async def test_a_budget_is_shown_set_and_lifted(client: httpx.AsyncClient) -> None:
    before = BudgetOut.model_validate_json((await client.get("/v1/budget")).content)
    put = await client.put("/v1/budget", json={"limit": 25})
    after = BudgetOut.model_validate_json((await client.get("/v1/budget")).content)
    lifted = await client.put("/v1/budget", json={"limit": None})

    assert (before.limit, before.left, before.period) == (None, None, Period.MONTH)
    assert put.status_code == lifted.status_code == 200
    assert BudgetOut.model_validate_json(put.content) == after
    assert (after.limit, after.left, after.spent) == (25, 25, 0)
    assert after.period_starts_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert BudgetOut.model_validate_json(lifted.content) == before


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"limit": -1}, "/limit"),
        ({"limit": 1e9}, "/limit"),
        ({"limit": "25"}, "/limit"),
        ({}, "/limit"),
        ({"limit": 1, "period": "week"}, "/period"),
    ],
)
async def test_a_budget_has_to_make_sense(
    client: httpx.AsyncClient, body: dict[str, Any], named: str
) -> None:
    answer = await client.put("/v1/budget", json=body)

    assert named in problem(answer, 422, "invalid_input").detail


async def test_what_a_generator_may_cost_is_shown(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/generators/paid")).json()["max_cost"] == 0.5
    assert (await client.get("/v1/generators/card")).json()["max_cost"] is None


@pytest.mark.parametrize(
    ("said", "kept"),
    [(0.1, "0.1"), (1e-9, "0"), (1e12, "999999.999999"), (-3, "0"), (2, "2")],
)
def test_amounts_are_kept_as_columns_hold_them(said: float, kept: str) -> None:
    assert money(said) == Decimal(kept)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.5", "$0.50"), ("0.003", "$0.003"), ("1200", "$1200.00"), ("0", "$0.00")],
)
def test_amounts_are_written_for_people(amount: str, text: str) -> None:
    assert usd(Decimal(amount)) == text


@pytest.mark.parametrize(("month", "ends"), [(11, (2026, 12)), (12, (2027, 1))])
def test_months_end_where_the_next_begins(month: int, ends: tuple[int, int]) -> None:
    found = Period.MONTH.ends(datetime(2026, month, 17, 5, 3, tzinfo=UTC))

    assert found == datetime(*ends, 1, tzinfo=UTC)
