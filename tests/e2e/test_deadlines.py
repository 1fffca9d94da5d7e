"""What may not last longer does not: one attempt, or the whole job."""

from tests.e2e.command_line import CommandLine
from tests.e2e.people import Person


def test_job_that_runs_into_its_total_deadline_expires(
    person: Person, darkroom: CommandLine
) -> None:
    asked = darkroom.read("make", "flaky", "delay_seconds=45", "--total-timeout", "2s", "--no-wait")

    job = person.wait(asked["id"], timeout=30)

    assert job["status"] == "expired"
    assert [attempt["outcome"] for attempt in job["attempts"]] == ["canceled"], job
    assert "end by" in darkroom.say("show", job["id"])


def test_attempt_that_lasts_too_long_is_stopped_and_tried_again(person: Person) -> None:
    asked = person.ask(
        "flaky", {"hang": True, "only_first": 1}, attempt_timeout_seconds=8, max_attempts=2
    )

    job = person.wait(asked["id"])

    assert job["status"] == "ready", job["attempts"]
    assert [attempt["outcome"] for attempt in job["attempts"]] == ["timed_out", "succeeded"]
