"""`darkroom budget` and `darkroom reconcile`."""

import json

import pytest

from deploy.cli.wording import usd
from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import CARD, FakeApi
from tests.unit.client.fake_problem import problem


def test_budget_says_how_it_stands(run: Run) -> None:
    shown = run("budget", "show")

    assert shown.code == 0
    assert [line.split()[0] for line in shown.out.splitlines()] == [
        "limit",
        "spent",
        "set",
        "until",
    ]
    assert "none" in shown.out
    assert "$0.003" in shown.out


def test_budget_is_limited_and_lifted(run: Run, api: FakeApi) -> None:
    limited = run("budget", "set", "25", "--per", "total")
    assert "$25.00 in all" in limited.out
    assert "$24.497" in limited.out
    assert api.money.budget["period"] == "total"

    assert "$0.40 a month" in run("budget", "set", "0.4").out
    assert json.loads(run("budget", "lift", "--json").out)["limit"] is None


def test_budget_is_no_less_than_nothing(run: Run) -> None:
    assert run("budget", "set", "--", "-1").code == 2


def test_what_costs_too_much_comes_with_advice(run: Run, api: FakeApi) -> None:
    api.refusals = [problem(402, "budget_exhausted", "It may cost $0.50, and $0.20 is left.")]

    outcome = run("make", "card", "title=Hello")

    assert outcome.code == 1
    assert "$0.20 is left" in outcome.err
    assert "darkroom budget show" in outcome.err


def test_reconcile_lists_what_waits_for_somebody(run: Run, api: FakeApi) -> None:
    assert "Nobody has to decide" in run("reconcile").out
    job = api.a_job({"generator": "card"})
    api.money.park(job)

    shown = run("reconcile", "list")

    assert job["id"] in shown.out
    assert "replicate" in shown.out
    assert "The answer was never heard." in shown.out
    assert "--attach ORDER" in shown.err
    assert json.loads(run("reconcile", "--json").out)["items"][0]["id"] == job["id"]


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        (("--attach", "p-1"), {"resolution": "attach", "provider_job_id": "p-1"}),
        (("--resubmit",), {"resolution": "resubmit"}),
        (("--fail", "--reason", "gone"), {"resolution": "fail", "reason": "gone"}),
    ],
)
def test_reconcile_decides(
    run: Run, api: FakeApi, said: tuple[str, ...], decision: dict[str, str]
) -> None:
    job = api.a_job({"generator": "card"})
    api.money.park(job)

    outcome = run("reconcile", job["id"], *said)

    assert (outcome.code, api.money.decisions) == (0, [decision])
    assert outcome.out == f"retrying  {job['id']}\n"


def test_scripts_get_the_request_that_was_decided_about(run: Run, api: FakeApi) -> None:
    job = api.a_job({"generator": "card"})
    api.money.park(job)

    shown = run("reconcile", job["id"], "--resubmit", "--json")

    assert json.loads(shown.out)["status"] == "retrying"


@pytest.mark.parametrize(
    "said",
    [
        ("an-id",),
        ("an-id", "--resubmit", "--fail"),
        ("list", "--fail"),
        ("an-id", "--resubmit", "--reason", "why"),
    ],
)
def test_reconcile_wants_one_decision_about_one_request(run: Run, said: tuple[str, ...]) -> None:
    assert run("reconcile", *said).code == 2


def test_show_says_what_is_in_doubt_and_what_to_do(run: Run, api: FakeApi) -> None:
    api.course = ("needs_reconciliation",)
    job = api.a_job({"generator": "card"})
    api.money.park(job)

    shown = run("show", job["id"])

    assert "replicate  (it has not said what it calls it)" in shown.out
    assert "$0.04" in shown.out
    assert "backend" in shown.out
    assert f"darkroom reconcile {job['id']} --attach ID" in shown.err
    job["reconciliation"] = {**job["reconciliation"], "resolution": "fail"}
    assert "decided" in run("show", job["id"]).out


def test_make_does_not_wait_for_a_decision(run: Run, api: FakeApi) -> None:
    api.course = ("queued", "needs_reconciliation", "ready")

    outcome = run("make", "card", "title=Hello", "--wait")

    assert outcome.code == 1
    assert outcome.out.startswith("needs_reconciliation")
    assert "look at the provider whether it has taken it" in outcome.err


def test_what_a_request_has_cost_is_said_at_its_end(run: Run, api: FakeApi) -> None:
    api.course = ("queued", "ready")
    former = api.a_job({"generator": "card"}, "failed")["id"]
    assert "$" not in run("retry", former, "--wait").out
    job = api.a_job({"generator": "card"}, "ready")
    job["cost"] = 0.25
    assert "$0.25" in run("show", job["id"]).out


def test_what_a_generator_may_cost_is_said(run: Run, api: FakeApi) -> None:
    api.announced = (CARD | {"max_cost": 0.5},)

    assert "Costs up to $0.50." in run("generators", "card").out


@pytest.mark.parametrize(("amount", "text"), [(1200, "$1200.00"), (0.003, "$0.003"), (None, "–")])
def test_money_is_written_for_people(amount: float | None, text: str) -> None:
    assert usd(amount) == text
