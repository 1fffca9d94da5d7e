"""Told to end, a service of the running stack ends: in time, with nothing lost and nobody left."""

import signal

import psutil
import pytest

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync
from tests.e2e.outages import SERVICES, Processes
from tests.e2e.people import Job, Person

GRACE = 30
"""Seconds: the services' own limit, and some more for a busy machine."""


def a_long_job(person: Person) -> tuple[str, Job]:
    """One whose first attempt outlasts every grace time, and only that."""
    job = person.ask("flaky", {"hang": True, "only_first": 1})

    def running() -> Job:
        now = person.look(job["id"])
        assert now["status"] == "running", now
        return now

    return job["id"], eventually_sync(running, 60)


def must_end(process: psutil.Process) -> None:
    """Told once, it is gone in time, with all that it had started."""
    family = [process, *process.children(recursive=True)]
    process.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=GRACE)
    assert alive == []


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_is_told_to_end_loses_nothing(
    stack: LocalStack, person: Person, service: str
) -> None:
    processes = Processes(stack)
    processes.wait_until_ready()
    answers = person.ask_for_many([{"generator": "noop", "input": {}}] * 200)
    must_end(processes.of(service))
    processes.wait_until_ready()
    jobs = [person.wait(answer["job"]["id"]) for answer in answers]
    assert {job["status"] for job in jobs} == {"ready"}


def test_a_job_in_hand_is_given_back_and_the_attempt_is_not_counted(
    stack: LocalStack, person: Person
) -> None:
    processes = Processes(stack)
    processes.wait_until_ready()
    job_id, before = a_long_job(person)
    must_end(processes.of("generator"))
    job = person.wait(job_id, timeout=90)
    first, *_ = job["attempts"]
    assert job["status"] == "ready", job
    assert (first["outcome"], first["failure"]["code"]) == ("lost", "worker_stopped")
    assert job["attempts"][-1]["worker"] != before["attempts"][0]["worker"]
    processes.wait_until_ready()


def test_a_second_signal_ends_it_at_once_and_the_job_is_taken_over(
    stack: LocalStack, person: Person
) -> None:
    processes = Processes(stack)
    processes.wait_until_ready()
    job_id, _ = a_long_job(person)
    generator = processes.of("generator")
    family = [generator, *generator.children(recursive=True)]
    generator.send_signal(signal.SIGTERM)
    eventually_sync(lambda: _must_be_stopping(generator), GRACE)
    generator.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=5)
    assert alive == [], "neither it nor its children finish anything"
    assert person.wait(job_id, timeout=90)["status"] == "ready"
    processes.wait_until_ready()


def test_all_end_in_time_though_the_broker_hangs(stack: LocalStack, person: Person) -> None:
    processes = Processes(stack)
    processes.wait_until_ready()
    with processes.away("rabbitmq", "hanging"):
        job = person.ask("noop", {})
        for service in SERVICES:
            must_end(processes.of(service))
    assert person.wait(job["id"], timeout=90)["status"] == "ready"


def _must_be_stopping(generator: psutil.Process) -> None:
    """It has heard the first signal: its door is closed."""
    listening = [c for c in generator.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert not listening
