"""A worker dies or is paused in the middle of a job: another takes over, nothing doubles."""

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.testing import eventually_sync
from tests.crash_points.darkroom import Darkroom
from tests.crash_points.person import Job
from tests.crash_points.points import CrashPoint, point
from tests.crash_points.processes import PATIENCE, ServiceProcess
from tests.crash_points.promises import must_have_ended
from tests.crash_points.stories import Scene

pytestmark = pytest.mark.e2e

ENDLESS_AT_FIRST = {"hang": True, "only_first": 1}
LEASE = {"DARKROOM_GENERATOR_LEASE_SECONDS": "3"}
NEVER_LATE = 20
"""Seconds from a death to a new owner: the lease, a poll, and a slow machine."""


@pytest.fixture
def first(darkroom: Darkroom) -> Iterator[ServiceProcess]:
    """The worker that gets into trouble; the only one until the second is started."""
    worker = darkroom.process("generator")
    worker.kill()
    darkroom.run_all(without={"generator"})
    yield worker
    worker.kill()


@pytest.fixture
def second(darkroom: Darkroom) -> Iterator[ServiceProcess]:
    """The worker that takes over."""
    worker = darkroom.another("generator", "second", LEASE)
    yield worker
    worker.kill()


def test_a_killed_workers_long_job_is_taken_over_after_the_lease(
    scene: Scene, first: ServiceProcess, second: ServiceProcess
) -> None:
    first.start(LEASE)
    job = _ask(scene, scene.key, "flaky", ENDLESS_AT_FIRST)
    scene.person.wait_until(job["id"], "running")
    _join(second)
    first.kill()
    killed = time.monotonic()
    attempts = scene.person.wait(job["id"])["attempts"]
    assert time.monotonic() - killed < NEVER_LATE
    assert [attempt["outcome"] for attempt in attempts] == ["lost", "succeeded"]
    assert attempts[0]["failure"]["code"] == "worker_lost"
    assert _workers(attempts) == [first.pid, second.pid]
    must_have_ended(scene, job["id"], "ready")


def test_a_worker_paused_beyond_its_lease_finds_that_its_job_is_not_its_own(
    scene: Scene, first: ServiceProcess, second: ServiceProcess
) -> None:
    first.start(LEASE)
    job = _ask(scene, scene.key, "flaky", {"delay_seconds": 1})
    scene.person.wait_until(job["id"], "running")
    first.signal(signal.SIGSTOP)
    _join(second)
    scene.person.wait_until(job["id"], "ready")
    _must_come_too_late(scene, job, first, second)


def test_the_late_result_of_a_paused_worker_is_refused(
    scene: Scene, first: ServiceProcess, second: ServiceProcess
) -> None:
    _stop_at(first, point("generator-result-not_written"))
    job = _ask(scene, scene.key, "noop", {})
    eventually_sync(lambda: first.must_have_stopped_at("generator-result-not_written"), PATIENCE)
    _join(second)
    scene.person.wait_until(job["id"], "ready")
    _must_come_too_late(scene, job, first, second)


def test_a_worker_paused_in_its_commit_keeps_the_job(
    scene: Scene, first: ServiceProcess, second: ServiceProcess
) -> None:
    """The row is locked: nobody takes over what is being written, though the lease is over.

    What is delivered to the paused worker waits for it; of several jobs the second gets some.
    """
    _stop_at(first, point("generator-result-written_not_committed"))
    job = _ask(scene, scene.key, "noop", {})
    eventually_sync(
        lambda: first.must_have_stopped_at("generator-result-written_not_committed"), PATIENCE
    )
    _join(second)
    eventually_sync(lambda: _lease_must_be_over(scene, job["id"]), PATIENCE)
    others = [_ask(scene, f"{scene.key}-{number}", "noop", {}) for number in range(4)]
    eventually_sync(lambda: _one_must_be_ready(scene, others), PATIENCE)
    first.signal(signal.SIGCONT)
    attempts = scene.person.wait_until(job["id"], "ready")["attempts"]
    assert _workers(attempts) == [first.pid]
    must_have_ended(scene, job["id"], "ready")


def _must_come_too_late(
    scene: Scene, job: Job, first: ServiceProcess, second: ServiceProcess
) -> None:
    """The first wakes up when the second is done, and changes nothing."""
    before = _stored(scene, job["id"])
    assert _workers(before["attempts"]) == [first.pid, second.pid]
    assert [one["outcome"] for one in before["attempts"]] == ["lost", "succeeded"]
    first.signal(signal.SIGCONT)
    eventually_sync(lambda: _must_have_seen_its_loss(first, job["id"]), PATIENCE)
    must_have_ended(scene, job["id"], "ready")
    assert _stored(scene, job["id"]) == before
    final = [one for one in scene.witness.heard_of(job["id"]) if "media.ready" in one["type"]]
    assert [one["data"]["attempt"]["number"] for one in final] == [2]


def _must_have_seen_its_loss(worker: ServiceProcess, job_id: str) -> None:
    lines = [json.loads(line) for line in worker.told.splitlines() if line.startswith("{")]
    ended = [line for line in lines if line["event"] == "attempt.ended"]
    [status] = [line["status"] for line in ended if line["job_id"] == job_id]
    assert status == "lost"


def _lease_must_be_over(scene: Scene, job_id: str) -> None:
    statement = "SELECT lease_until < now() AS over, status FROM job WHERE id = $1::uuid"
    assert scene.records.rows("generator", statement, job_id) == [
        {"over": True, "status": "running"}
    ]


def _one_must_be_ready(scene: Scene, jobs: list[Job]) -> None:
    assert "ready" in [scene.person.look(job["id"])["status"] for job in jobs]


def _stored(scene: Scene, job_id: str) -> dict[str, list[dict[str, Any]]]:
    """All that the generator keeps of a job."""
    return {
        "jobs": scene.records.rows("generator", "SELECT * FROM job WHERE id = $1::uuid", job_id),
        "attempts": scene.records.rows(
            "generator", "SELECT * FROM attempt WHERE job_id = $1::uuid ORDER BY number", job_id
        ),
        "assets": scene.records.rows(
            "generator", "SELECT * FROM asset WHERE job_id = $1::uuid ORDER BY position", job_id
        ),
    }


def _join(worker: ServiceProcess) -> None:
    """Start it, and wait until it takes from the queues."""
    worker.start()
    eventually_sync(lambda: worker.must_have_told("broker.connected"), PATIENCE)


def _stop_at(worker: ServiceProcess, where: CrashPoint) -> None:
    worker.start_armed(where.name, LEASE, by=signal.SIGSTOP)


def _ask(scene: Scene, key: str, generator: str, input: dict[str, Any]) -> Job:
    job = scene.person.ask(key, generator, input)
    assert job is not None
    return job


def _workers(attempts: list[dict[str, Any]]) -> list[int]:
    """The process ids in the workers' names, in order."""
    return [int(attempt["worker"].split(":")[1]) for attempt in attempts]
