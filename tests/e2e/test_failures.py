"""What fails on purpose: retried and ready in the end, or failed with a reason."""

import os

from shared.testing import eventually_sync
from tests.e2e.people import Person


def test_transient_failures_are_retried_until_every_job_is_ready(person: Person) -> None:
    answers = person.ask_for_many(
        [
            {"generator": "flaky", "input": {"transient_rate": 0.5, "seed": seed}}
            for seed in range(12)
        ]
    )
    jobs = [person.wait(answer["job"]["id"], timeout=150) for answer in answers]
    assert {job["status"] for job in jobs} == {"ready"}
    tries = [len(job["attempts"]) for job in jobs]
    assert max(tries) > 1, "none of them had to be tried again"
    for job in jobs:
        *earlier, last = job["attempts"]
        assert last["outcome"] == "succeeded"
        assert all(a["outcome"] == "failed" and a["failure"]["message"] for a in earlier)


def test_a_permanent_failure_is_final_at_once_and_says_why(person: Person) -> None:
    asked = person.ask("flaky", {"permanent_rate": 1, "message": "The paper is out."})
    job = person.wait(asked["id"])
    assert job["status"] == "failed"
    assert len(job["attempts"]) == 1
    assert job["error"]["message"] == "The paper is out."
    assert job["error"]["retryable"] is False
    assert person.http.get(f"/v1/media/{job['id']}/content").status_code in (404, 409)


def test_a_worker_that_dies_is_a_failed_attempt_and_neighbours_are_unharmed(
    person: Person,
) -> None:
    dying = person.ask("flaky", {"crash": True})
    neighbours = [person.ask("noop", {}) for _ in range(5)]
    assert {person.wait(job["id"])["status"] for job in neighbours} == {"ready"}
    job = person.wait(dying["id"], timeout=150)
    assert job["status"] == "failed"
    assert len(job["attempts"]) > 1


def test_a_job_that_does_not_start_in_time_expires_and_a_running_one_can_be_canceled(
    person: Person,
) -> None:
    slots = os.cpu_count() or 1
    busy = [person.ask("flaky", {"delay_seconds": 50})["id"] for _ in range(slots)]

    def all_run() -> None:
        assert {person.look(job_id)["status"] for job_id in busy} == {"running"}

    eventually_sync(all_run, 30)
    late = person.wait(person.ask("flaky", {}, deadline_seconds=1)["id"])
    for job_id in busy:
        assert person.http.post(f"/v1/media/{job_id}/cancel").status_code == 202

    assert late["status"] == "expired"
    assert "deadline" in late["error"]["message"]
    assert {person.wait(job_id)["status"] for job_id in busy} == {"canceled"}
