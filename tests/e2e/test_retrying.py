"""Asking again for what was not made: a new job that knows which one it repeats."""

from tests.e2e.command_line import CommandLine
from tests.e2e.people import Person


def test_failed_job_is_retried_and_knows_what_it_repeats(
    person: Person, darkroom: CommandLine
) -> None:
    unlucky = {"permanent_rate": 1, "message": "The paper is out."}
    failed = person.wait(
        person.ask("flaky", unlucky, metadata={"order": "7"}, max_attempts=2)["id"]
    )

    done = darkroom("retry", failed["id"], "--wait", "--json")

    assert done.returncode == 1, "it fails again: the input is the same"
    [again] = darkroom.read("list", "--generator", "flaky", "--limit", "1")["items"]
    assert again["retried_from"] == failed["id"]
    assert (again["input"], again["metadata"]) == (failed["input"], failed["metadata"])
    assert again["max_attempts"] == 2
    assert f"repeats    {failed['id']}" in darkroom.say("show", again["id"])


def test_canceled_job_is_made_when_it_is_asked_for_again(
    person: Person, darkroom: CommandLine
) -> None:
    darkroom.say("pause", "noop")
    try:
        job = person.ask("noop", {"payload": "changed my mind"})
        darkroom.say("cancel", job["id"])
        assert person.wait(job["id"])["status"] == "canceled"
    finally:
        darkroom.say("resume", "noop")

    assert darkroom.say("retry", job["id"], "--wait").startswith("ready")
    assert person.look(job["id"])["status"] == "canceled", "the first one stays what it was"


def test_job_that_is_ready_or_goes_on_is_not_repeated(
    person: Person, darkroom: CommandLine
) -> None:
    ready = person.wait(person.ask("noop", {})["id"])
    running = person.ask("flaky", {"delay_seconds": 30})

    codes = {
        person.http.post(f"/v1/media/{job['id']}/retry").json()["code"] for job in (ready, running)
    }

    assert codes == {"already_ready", "not_final"}
    darkroom.say("cancel", running["id"])


def test_request_may_forbid_a_second_attempt(person: Person) -> None:
    asked = person.ask("flaky", {"transient_rate": 1}, max_attempts=1)

    job = person.wait(asked["id"])

    assert job["status"] == "failed"
    assert [attempt["outcome"] for attempt in job["attempts"]] == ["failed"]
