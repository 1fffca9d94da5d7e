"""`show`, `list`, `generators` and `dead`: for people, and as JSON for scripts."""

import json

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi

LETTER = {
    "id": "01890000-0000-7000-8000-000000000007",
    "received_at": "2026-11-22T20:00:00Z",
    "queue": "api.progress",
    "error_class": "UndecodableMessageError",
    "error_code": "undecodable_message",
    "error_message": "not JSON: expected value",
    "stack": "Traceback: …",
    "exchange": "media.events",
    "routing_key": "media.ready.card",
    "body": "rubbish [bold]",
}


def a_finished_job(api: FakeApi) -> str:
    job = api.a_job({"generator": "card", "input": {"title": "Hello"}}, "ready")
    job["attempts"] = [
        {
            "number": 1,
            "outcome": "failed",
            "started_at": "2026-11-22T20:00:00Z",
            "ended_at": "2026-11-22T20:00:00.085Z",
            "failure": {"code": "flaky", "message": "simulated"},
        },
        {"number": 2, "outcome": "succeeded", "started_at": "2026-11-22T20:00:01Z"},
    ]
    job["assets"] = [api._asset(job["id"])]
    job["finished_at"] = "2026-11-22T20:00:02.400Z"
    return str(job["id"])


def test_show_tells_status_attempts_and_files(run: Run, api: FakeApi) -> None:
    outcome = run("show", a_finished_job(api))

    assert outcome.code == 0
    assert "2.4 s" in outcome.out
    assert "85 ms" in outcome.out
    assert "simulated" in outcome.out
    assert "image/png 1200x630" in outcome.out


def test_show_of_a_stranger_says_so(run: Run) -> None:
    outcome = run("show", "01890000-0000-7000-8000-000000000000")

    assert (outcome.code, outcome.err) == (1, "error: there is no such job\n")


def test_cancel_stops_it(run: Run, api: FakeApi) -> None:
    job_id = api.a_job({"generator": "card"})["id"]

    assert run("cancel", job_id).out == f"canceling  {job_id}\n"


def test_list_shows_newest_first_and_how_to_go_on(run: Run, api: FakeApi) -> None:
    ids = [api.a_job({"generator": "card"})["id"] for _ in range(3)]

    outcome = run("list", "--limit", "2")

    assert [line.split()[0] for line in outcome.out.splitlines()[1:]] == ids[:0:-1]
    assert "darkroom list --cursor more" in outcome.err


def test_list_of_nothing_says_so(run: Run) -> None:
    assert run("list", "--status", "failed").out == "There are no such requests.\n"


def test_generators_are_listed(run: Run) -> None:
    assert "Social cards." in run("generators").out


def test_generators_before_any_has_announced_itself(run: Run, api: FakeApi) -> None:
    api.announced = ()

    assert run("generators").out == "No generator has announced itself yet.\n"
    assert "there is none" in run("make", "card").err


def test_one_generator_shows_fields_limits_and_an_example_to_paste(run: Run) -> None:
    out = run("generators", "card").out

    assert "string, up to 140 characters" in out
    assert "integer, ≥ 300, ≤ 2048" in out
    assert "ink | paper" in out
    assert "darkroom make card title=Hello theme=ink" in out


def test_dead_letters_say_where_and_why(run: Run, api: FakeApi) -> None:
    api.dead = [LETTER]

    listed, shown = run("dead", "list"), run("dead", "show", str(LETTER["id"]))

    assert "not JSON: expected value" in listed.out
    assert "rubbish [bold]" in shown.out
    assert "media.events  media.ready.card" in shown.out


def test_no_dead_letters(run: Run) -> None:
    assert run("dead", "list").out == "There are no dead letters.\n"


def test_scripts_get_json(run: Run, api: FakeApi) -> None:
    job_id = a_finished_job(api)
    api.dead = [LETTER]

    assert json.loads(run("show", job_id, "--json").out)["attempts"][0]["number"] == 1
    assert json.loads(run("list", "--json").out)["items"][0]["id"] == job_id
    assert json.loads(run("generators", "--json").out)[0]["name"] == "card"
    assert json.loads(run("generators", "card", "--json").out)["version"] == "1.0.0"
    assert json.loads(run("dead", "list", "--json").out)["items"][0]["queue"] == "api.progress"
    assert json.loads(run("dead", "show", str(LETTER["id"]), "--json").out)["body"]


@pytest.mark.parametrize("arguments", [["nonsense"], ["list", "--limit", "0"], ["show"]])
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).code == 2
