"""`show`, `list` and `generators`: for people, and as JSON for scripts."""

import json

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import CARD, FakeApi


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


def test_show_tells_of_lineage_limits_and_lost_workers(run: Run, api: FakeApi) -> None:
    job = api.a_job({"generator": "flaky", "input": {}})
    job |= {
        "retried_from": "01890000-0000-7000-8000-000000000001",
        "deadline_at": "2026-11-22T20:00:05Z",
        "finish_by": "2026-11-29T20:00:00Z",
        "attempt_timeout_seconds": 30,
        "max_attempts": 3,
        "attempts": [
            {
                "number": 1,
                "outcome": "lost",
                "worker": "red:42:1790000000",
                "started_at": "2026-11-22T20:00:01Z",
                "ended_at": "2026-11-22T20:00:16Z",
                "failure": {"code": "worker_lost", "message": "The worker that ran it died."},
            }
        ],
    }

    lines = [line.split() for line in run("show", str(job["id"])).out.splitlines()]

    shown = {line[0]: " ".join(line[1:]) for line in lines if line}
    assert shown["repeats"] == "01890000-0000-7000-8000-000000000001"
    assert shown["at"] == "most 3 attempts, 30 s each"
    assert shown["start"].startswith("by 2026-11-22")
    assert shown["end"].startswith("by 2026-11-29")
    assert "lost" in shown["1"]
    assert "15.0 s red:42 The worker that ran it died." in shown["1"]


def test_show_says_when_the_generator_is_why_it_waits(run: Run, api: FakeApi) -> None:
    job_id = api.a_job({"generator": "card"})["id"]
    api.course, api.announced = ("queued",), ({**CARD, "paused": True},)

    assert "card is paused; to let it start: darkroom resume card" in run("show", job_id).err


def test_why_an_attempt_failed_is_shown_whole(run: Run, api: FakeApi) -> None:
    job = api.a_job({"generator": "card"}, "ready")
    reason = "A reason of many words that do not fit into the rest of the line. " * 2
    failure = {"code": "x", "message": reason}
    job["attempts"] = [{"number": 1, "outcome": "failed", "worker": "a:1:2", "failure": failure}]

    lines = run("show", str(job["id"]), width=80).out.splitlines()

    assert max(map(len, lines)) <= 80
    assert reason.strip() in " ".join(" ".join(lines).split())


def test_limits_that_no_longer_matter_are_left_out(run: Run, api: FakeApi) -> None:
    job = api.a_job({"generator": "card"}, "ready")
    job |= {"started_at": job["created_at"], "max_attempts": 5}
    job |= {"deadline_at": job["created_at"], "finish_by": job["created_at"]}

    out = run("show", str(job["id"])).out

    assert not {"start by", "end by", "at most"} & {line[:8].strip() for line in out.splitlines()}


def test_what_was_not_made_can_be_asked_for_again(run: Run, api: FakeApi) -> None:
    job_id = api.a_job({"generator": "card"}, "failed")["id"]
    api.course = ("failed",)

    assert f"darkroom retry {job_id}" in run("show", job_id).err


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


def test_list_fits_into_a_terminal(run: Run, api: FakeApi) -> None:
    api.a_job({"generator": "openai-images"}, "failed")["error"] = {
        "code": "x",
        "message": "A reason of many words,\nwhich takes a lot of room, as reasons sometimes do "
        * 2,
    }

    lines = run("list", width=80).out.splitlines()

    assert max(map(len, lines)) <= 80
    assert [len(line.split()) for line in lines[:1]] == [5]
    assert lines[2].startswith("  A reason of many words, which takes")


def test_list_of_nothing_says_so(run: Run) -> None:
    assert run("list", "--status", "failed").out == "There are no such requests.\n"


def test_generators_are_listed(run: Run) -> None:
    assert "Social cards." in run("generators").out


def test_a_generator_whose_workers_are_gone_is_shown_as_away(run: Run, api: FakeApi) -> None:
    api.announced = ({**CARD, "available": False},)

    assert "away" in run("generators").out
    assert "No worker of it has been heard of lately" in run("generators", "card").out


def test_paused_generator_is_shown_as_such(run: Run, api: FakeApi) -> None:
    api.announced = ({**CARD, "paused": True},)

    assert "paused" in run("generators").out
    assert "darkroom resume card" in run("generators", "card").out


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


def test_scripts_get_json(run: Run, api: FakeApi) -> None:
    job_id = a_finished_job(api)

    assert json.loads(run("show", job_id, "--json").out)["attempts"][0]["number"] == 1
    assert json.loads(run("list", "--json").out)["items"][0]["id"] == job_id
    assert json.loads(run("generators", "--json").out)[0]["name"] == "card"
    assert json.loads(run("generators", "card", "--json").out)["version"] == "1.0.0"


@pytest.mark.parametrize("arguments", [["nonsense"], ["list", "--limit", "0"], ["show"]])
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).code == 2


def test_a_list_is_narrowed_by_several_states_and_metadata(run: Run, api: FakeApi) -> None:
    arguments = ("--status", "ready", "--status", "failed", "--metadata", "order=a=7", "--oldest")

    assert run("list", *arguments).code == 0

    [query] = api.queries
    assert query == "status=ready&status=failed&limit=20&metadata.order=a%3D7&order=oldest"


def test_metadata_without_a_value_is_asked_wrongly(run: Run) -> None:
    assert run("list", "--metadata", "order").code == 2
