"""`darkroom retry`: the same again."""

import json
from pathlib import Path

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import CONTENT, FakeApi


def test_retry_is_a_new_request(run: Run, api: FakeApi) -> None:
    former = api.a_job({"generator": "card"}, "failed")["id"]

    outcome = run("retry", former)

    status, job_id = outcome.out.split()
    assert (outcome.code, status) == (0, "queued")
    assert job_id in api.jobs
    assert job_id != former


def test_retry_may_wait_for_the_file(run: Run, api: FakeApi, tmp_path: Path) -> None:
    former = api.a_job({"generator": "card"}, "failed")["id"]

    outcome = run("retry", former, "-o", str(tmp_path))

    assert outcome.code == 0, outcome
    assert (tmp_path / "card.png").read_bytes() == CONTENT


def test_retry_that_fails_again_exits_with_1(run: Run, api: FakeApi) -> None:
    former = api.a_job({"generator": "card"}, "failed")["id"]
    api.course = ("queued", "failed")

    outcome = run("retry", former, "--wait")

    assert outcome.code == 1
    assert "no font can draw this title" in outcome.err


def test_what_is_ready_is_not_made_again(run: Run, api: FakeApi) -> None:
    outcome = run("retry", api.a_job({"generator": "card"}, "ready")["id"])

    assert (outcome.code, outcome.err) == (1, "error: it is ready: there is nothing to repeat\n")


def test_scripts_get_the_new_request_as_json(run: Run, api: FakeApi) -> None:
    former = api.a_job({"generator": "card"}, "failed")["id"]

    assert json.loads(run("retry", former, "--json").out)["retried_from"] == former
