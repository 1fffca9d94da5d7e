"""What must be true of a job afterwards, whoever died on its way: seen from outside."""

from hashlib import sha256
from typing import Any

from shared.testing import eventually_sync
from tests.backends.databases import query
from tests.crash_points.darkroom import QUEUES, SERVICES, Darkroom
from tests.crash_points.person import Job
from tests.crash_points.processes import PATIENCE
from tests.crash_points.stories import Scene, Story
from tests.crash_points.witness import by_kind, last_words


def must_be_kept(scene: Scene, story: Story, job_id: str) -> None:
    """The job has ended once and well, and nothing is left over."""
    job = scene.person.wait(job_id)
    assert job["status"] == story.status, job
    eventually_sync(lambda: must_be_quiet(scene), PATIENCE)
    must_have_ended_once(scene, job_id, story.status)
    must_have_been_made_once(scene, job_id)
    must_have_been_asked_once(scene)
    assert _dead_letters(scene.darkroom, scene.key) == story.dead_letters


def must_be_quiet(scene: Scene) -> None:
    """Nothing is still to be said, taken or made."""
    for service in SERVICES:
        assert _count(scene.darkroom, service, "outbox") == 0, f"{service}'s outbox"
    assert scene.witness.waiting_in(QUEUES) == {}
    assert _count(scene.darkroom, "generator", "job WHERE finished_at IS NULL") == 0
    assert _count(scene.darkroom, "generator", "attempt WHERE outcome = 'running'") == 0


def must_have_ended_once(scene: Scene, job_id: str, status: str) -> None:
    """One final event id, and whatever was said twice was the same event."""
    heard = scene.witness.heard_of(job_id)
    assert list(last_words(heard).values()) == [status]
    for kind, events in by_kind(heard).items():
        assert all(event == events[0] for event in events), f"{kind} differs from itself"
    verdicts = _rows(
        scene.darkroom, "notifier", "SELECT outcome FROM verdict WHERE job_id = $1::uuid", job_id
    )
    assert verdicts == [{"outcome": status}]
    logged = _rows(
        scene.darkroom,
        "api",
        "SELECT count(*) AS n FROM job_event WHERE job_id = $1::uuid AND type LIKE $2",
        job_id,
        f"%media.{status}.v1",
    )
    assert logged == [{"n": 1}]


def must_have_been_made_once(scene: Scene, job_id: str) -> None:
    """No attempt is open, one at most succeeded, and what it made is in the store."""
    job = eventually_sync(lambda: _with_all_attempts(scene, job_id))
    outcomes = [attempt["outcome"] for attempt in job["attempts"]]
    made = job["status"] == "ready"
    assert outcomes.count("succeeded") == int(made), outcomes
    assert "running" not in outcomes
    assert outcomes[:-1] == [one for one in outcomes[:-1] if one in {"lost", "failed"}]
    assert len(job["assets"]) == int(made)
    for asset in job["assets"]:
        assert sha256(scene.person.content(job_id)).hexdigest() == asset["sha256"]


def must_have_been_asked_once(scene: Scene) -> None:
    """However often it was asked for with the same key."""
    statement = "SELECT count(*) AS n FROM job WHERE metadata ->> 'asked' = $1"
    assert _rows(scene.darkroom, "api", statement, scene.key) == [{"n": 1}]


def _with_all_attempts(scene: Scene, job_id: str) -> Job:
    """The job, once the api has heard of every attempt that the generator has recorded."""
    recorded = _rows(
        scene.darkroom,
        "generator",
        "SELECT number, outcome FROM attempt WHERE job_id = $1::uuid ORDER BY number",
        job_id,
    )
    job = scene.person.look(job_id)
    known = [{"number": one["number"], "outcome": one["outcome"]} for one in job["attempts"]]
    assert known == recorded
    return job


def _dead_letters(darkroom: Darkroom, message_id: str) -> int:
    """All of them, and each about this message."""
    rows = _rows(darkroom, "api", "SELECT message_id FROM dead_letter")
    return sum(row["message_id"] == message_id for row in rows)


def _count(darkroom: Darkroom, service: str, what: str) -> int:
    [row] = _rows(darkroom, service, f"SELECT count(*) AS n FROM {what}")
    return int(row["n"])


def _rows(darkroom: Darkroom, service: str, statement: str, *given: Any) -> list[dict[str, Any]]:
    return query(darkroom.databases[service], statement, *given)
