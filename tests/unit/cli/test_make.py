"""`darkroom make`, from what is typed to the file on disk."""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import CARD, CONTENT, FakeApi
from tests.unit.client.fake_problem import problem


def test_make_waits_and_writes_the_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "hello.png"

    outcome = run("make", "card", "title=Hello", "-o", str(target))

    assert outcome.code == 0, outcome
    assert target.read_bytes() == CONTENT
    assert "ready" in outcome.out
    assert "image/png 1200x630" in outcome.out
    assert str(target) in outcome.out


def test_folder_gets_the_file_under_its_own_name(run: Run, tmp_path: Path) -> None:
    run("make", "card", "title=Hello", "-o", str(tmp_path))

    assert (tmp_path / "card.png").read_bytes() == CONTENT


def test_without_a_file_the_address_is_printed(run: Run, api: FakeApi) -> None:
    outcome = run("make", "card", "title=Hello")

    [job_id] = api.jobs
    assert outcome.out.splitlines()[-1] == f"http://api.test/v1/media/{job_id}/content"


def test_values_are_read_as_the_schema_means_them(run: Run, api: FakeApi) -> None:
    run("make", "card", "title=42", "width=300", "scale=1.5", "grain=false", 'tags=["a"]', "seed=7")

    assert api.requests[0]["input"] == {
        "title": "42",
        "width": 300,
        "scale": 1.5,
        "grain": False,
        "tags": ["a"],
        "seed": 7,
    }


def test_fields_of_a_file_are_overruled_by_what_is_typed(
    run: Run, api: FakeApi, tmp_path: Path
) -> None:
    file = tmp_path / "input.json"
    file.write_text(json.dumps({"title": "From the file", "theme": "paper"}))

    run("make", "card", "--input", str(file), "title=Typed", "--priority", "batch", "--key", "once")

    assert api.requests[0]["input"] == {"title": "Typed", "theme": "paper"}
    assert api.requests[0]["priority"] == "batch"
    assert api.keys == ["once"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["title"], "'title' is not key=value"),
        (["title=a", "title=b"], "title is given twice"),
        (["width=wide"], "width must be a whole number, not 'wide'"),
        (["grain=maybe"], "grain must be true or false, not 'maybe'"),
        (["tags=a"], "tags must be JSON (array), not 'a'"),
        (["--input", "/nowhere.json"], "/nowhere.json cannot be read"),
        (["--no-wait", "-o", "x.png"], "leave out --no-wait"),
        (["--total-timeout", "soon"], "'soon' is not a length of time such as 90s"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    run: Run, api: FakeApi, arguments: list[str], complaint: str
) -> None:
    outcome = run("make", "card", *arguments)

    assert outcome.code == 2
    assert complaint in " ".join(outcome.err.replace("│", " ").split())
    assert api.requests == []


def test_limits_are_read_as_people_write_times(run: Run, api: FakeApi) -> None:
    limits = ["--deadline", "90", "--attempt-timeout", "30s", "--total-timeout", "2h"]

    run("make", "card", "title=Hello", *limits, "--max-attempts", "1")

    assert api.requests[0].items() >= {
        ("deadline_seconds", 90),
        ("attempt_timeout_seconds", 30),
        ("total_timeout_seconds", 7200),
        ("max_attempts", 1),
    }


def test_paused_generator_is_said_to_be_so(run: Run, api: FakeApi) -> None:
    api.announced = ({**CARD, "paused": True},)

    outcome = run("make", "card", "title=Hello", "--no-wait")

    assert outcome.code == 0
    assert "darkroom resume card" in outcome.err


def test_no_wait_prints_the_id_and_leaves(run: Run, api: FakeApi) -> None:
    outcome = run("make", "card", "title=Hello", "--no-wait")

    assert outcome.code == 0
    assert outcome.out.split() == ["queued", next(iter(api.jobs))]


def test_failed_job_says_why_and_exits_with_1(run: Run, api: FakeApi) -> None:
    api.course = ("queued", "failed")

    outcome = run("make", "card", "title=Hello")

    assert outcome.code == 1
    assert "error: no font can draw this title" in outcome.err


def test_refused_input_names_each_field(run: Run, api: FakeApi) -> None:
    errors = [{"pointer": "/input/title", "message": '"title" is a required property'}]
    api.refusals = [problem(422, "invalid_input", "The input does not fit.", errors=errors)]

    outcome = run("make", "card")

    assert outcome.code == 1
    assert outcome.err.splitlines() == [
        "error: The input does not fit.",
        '  input.title: "title" is a required property',
    ]


def test_misspelt_generator_gets_a_suggestion(run: Run) -> None:
    outcome = run("make", "crad", "title=Hello")

    assert outcome.code == 1
    assert outcome.err == "error: no generator is called 'crad'; did you mean card?\n"


def test_waiting_ends_when_the_time_is_over_and_the_job_goes_on(run: Run, api: FakeApi) -> None:
    api.course = ("queued",)

    outcome = run("make", "card", "title=Hello", "--timeout", "0")

    [job_id] = api.jobs
    assert outcome.code == 1
    assert f"darkroom show {job_id}" in outcome.err
    assert "it goes on" in outcome.err


def test_json_is_the_job_for_scripts(run: Run, api: FakeApi) -> None:
    outcome = run("make", "card", "title=Hello", "--json")

    assert json.loads(outcome.out)["id"] == next(iter(api.jobs))
