"""Money and doubt through the client."""

import pytest

from shared.client import ApiConflictError, DarkroomClient, OverBudgetError
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_problem import problem


async def test_budget_is_shown_set_and_lifted(darkroom: DarkroomClient) -> None:
    assert (await darkroom.budget.get()).limit is None

    limited = await darkroom.budget.limit(25, "total")

    assert (limited.limit, limited.period, limited.left) == (25, "total", 24.497)
    assert (await darkroom.budget.lift()).limit is None


async def test_what_is_in_doubt_is_decided(api: FakeApi, darkroom: DarkroomClient) -> None:
    job = api.a_job({"generator": "card"})
    api.money.park(job)
    [parked] = (await darkroom.list(status="needs_reconciliation")).items
    assert parked.reconciliation is not None
    assert (parked.reconciliation.provider, parked.cost) == ("replicate", 0.04)
    assert not parked.is_final

    decided = await darkroom.reconcile(parked.id, "attach", provider_job_id="p-1")

    assert decided.status == "retrying"
    assert api.money.decisions == [{"resolution": "attach", "provider_job_id": "p-1"}]
    with pytest.raises(ApiConflictError):
        await darkroom.reconcile(parked.id, "fail", reason="too late")


async def test_what_costs_too_much_is_no_matter_of_waiting(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.refusals = [problem(402, "budget_exhausted", "It may cost $0.50, and $0.20 is left.")]

    with pytest.raises(OverBudgetError, match=r"\$0.20 is left"):
        await darkroom.request("card", {})

    assert api.calls["post"] == 1
