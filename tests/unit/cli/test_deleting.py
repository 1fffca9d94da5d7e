"""`darkroom delete` and `darkroom gc`."""

import json

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi


def test_what_is_deleted_is_gone(run: Run, api: FakeApi) -> None:
    ids = [api.a_job({"generator": "card"}, "ready")["id"] for _ in range(2)]

    outcome = run("delete", *ids, "--yes")
    shown = run("show", ids[0])

    assert (outcome.code, outcome.out.split()[1::2]) == (0, ids)
    assert shown.code == 1
    assert "it was deleted" in shown.err


def test_somebody_is_asked_first(run: Run, api: FakeApi) -> None:
    job_id = api.a_job({"generator": "card"}, "ready")["id"]

    assert run("delete", job_id, answer=False).code == 1
    assert job_id in api.jobs
    assert run("delete", job_id, answer=True).code == 0
    assert job_id not in api.jobs


def test_what_runs_is_not_deleted(run: Run, api: FakeApi) -> None:
    outcome = run("delete", api.a_job({"generator": "card"}, "running")["id"], "-y")

    assert (outcome.code, outcome.err) == (1, "error: it has not come to its end\n")


def test_gc_says_what_went_and_what_stays(run: Run) -> None:
    lines = run("gc").out.splitlines()

    assert [line.split("  ")[0].strip() for line in lines] == [
        "removed",
        "in use",
        "too young to say",
    ]
    assert "2 files" in lines[0]


def test_a_dry_run_says_what_would_go(run: Run) -> None:
    assert run("gc", "--dry-run").out.startswith("would be removed")
    assert json.loads(run("gc", "--dry-run", "--json").out)["dry_run"] is True
