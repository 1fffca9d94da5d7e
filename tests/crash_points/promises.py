"""What must be true of a job afterwards, whoever died on its way: seen from outside."""

from hashlib import sha256

from shared.testing import eventually_sync
from tests.crash_points.darkroom import QUEUES, SERVICES
from tests.crash_points.person import Job
from tests.crash_points.processes import PATIENCE
from tests.crash_points.stories import Scene
from tests.crash_points.witness import by_kind, last_words


def must_have_ended(scene: Scene, job_id: str, status: str) -> None:
    """It is in this state, it got there once, and nothing is left over."""
    job = scene.person.wait(job_id)
    assert job["status"] == status, job
    eventually_sync(lambda: must_be_quiet(scene), PATIENCE)
    must_have_been_asked_for_once(scene)
    must_have_been_said_once(scene, job_id, status)
    must_have_been_made_once(scene, job_id)


def must_be_quiet(scene: Scene) -> None:
    """Nothing is still to be said, taken or made."""
    for service in SERVICES:
        assert scene.records.count(service, "outbox") == 0, f"{service}'s outbox"
    assert scene.witness.waiting_in(QUEUES) == {}
    assert scene.records.count("generator", "job WHERE finished_at IS NULL") == 0
    assert scene.records.count("generator", "attempt WHERE outcome = 'running'") == 0


def must_have_been_asked_for_once(scene: Scene) -> None:
    """However often it was asked for with the same key."""
    statement = "SELECT count(*) AS n FROM job WHERE metadata ->> 'asked' = $1"
    assert scene.records.rows("api", statement, scene.key) == [{"n": 1}]


def must_have_been_said_once(scene: Scene, job_id: str, status: str) -> None:
    """One final event id, one verdict; and whatever was said twice was the same event."""
    heard = scene.witness.heard_of(job_id)
    assert list(last_words(heard).values()) == [status]
    for kind, events in by_kind(heard).items():
        assert all(event == events[0] for event in events), f"{kind} differs from itself"
    verdicts = scene.records.rows(
        "notifier", "SELECT outcome FROM verdict WHERE job_id = $1::uuid", job_id
    )
    assert verdicts == [{"outcome": status}]
    logged = scene.records.rows(
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
    assert set(outcomes[:-1]) <= {"lost", "failed"}, outcomes
    assert len(job["assets"]) == int(made)
    for asset in job["assets"]:
        assert sha256(scene.person.content(job_id)).hexdigest() == asset["sha256"]


def _with_all_attempts(scene: Scene, job_id: str) -> Job:
    """The job, once the api has heard of every attempt that the generator has recorded."""
    recorded = scene.records.rows(
        "generator",
        "SELECT number, outcome FROM attempt WHERE job_id = $1::uuid ORDER BY number",
        job_id,
    )
    job = scene.person.look(job_id)
    known = [{"number": one["number"], "outcome": one["outcome"]} for one in job["attempts"]]
    assert known == recorded
    return job


def must_have_buried(scene: Scene, *message_ids: str) -> None:
    """The dead letters since the scene began: of these messages, each once, and no others."""
    rows = scene.records.rows(
        "api",
        "SELECT message_id, queue, type, error_message FROM dead_letter ORDER BY seq OFFSET $1",
        scene.buried_before,
    )
    assert sorted(row["message_id"] for row in rows) == sorted(message_ids), rows
