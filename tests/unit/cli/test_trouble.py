"""What people and scripts are told when the API cannot do it now."""

import httpx
import pytest
from starlette.responses import JSONResponse

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_problem import problem


def later(status: int, code: str, detail: str, seconds: int) -> JSONResponse:
    answer = problem(status, code, detail)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def test_full_queue_says_when_to_come_back_and_what_waits(run: Run, api: FakeApi) -> None:
    api.refusals = [later(429, "queue_full", "200,000 requests wait for card already.", 60)]

    outcome = run("make", "card", "title=Hello")

    assert outcome.code == 3
    assert outcome.err.splitlines() == [
        "error: 200,000 requests wait for card already.",
        "Try again in 1 min; what waits: darkroom list --status queued",
    ]


def test_database_that_is_away_says_when_to_come_back(run: Run, api: FakeApi) -> None:
    api.refusals = [later(503, "unavailable", "The database is away.", 45)]

    outcome = run("show", "01890000-0000-7000-8000-000000000000")

    assert outcome.code == 3
    assert outcome.err.startswith("error: The database is away.\nTry again in 45.0 s; ")


def test_whoever_waits_for_a_busy_api_is_told_so(run: Run, api: FakeApi) -> None:
    job_id = api.a_job({"generator": "card"})["id"]
    api.refusals = [later(503, "unavailable", "The database is away.", 1)]

    outcome = run("show", job_id)

    assert outcome.code == 0
    assert outcome.err.startswith("unavailable: asking again in 1.")


def test_nobody_at_the_address(run: Run, api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    monkeypatch.setattr(FakeApi, "transport", httpx.MockTransport(refuse))

    outcome = run("list")

    assert outcome.code == 3
    assert "the API at http://api.test does not answer: connection refused" in outcome.err
    assert "darkroom up --detach" in outcome.err
