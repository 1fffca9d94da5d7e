"""A paused generator's jobs wait, whatever restarts, and are made when it is resumed."""

import os
import signal
from collections.abc import Iterator

import pytest

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync
from tests.e2e.command_line import CommandLine
from tests.e2e.people import Job, Person, pids_of


@pytest.fixture
def noop_is_paused(darkroom: CommandLine) -> Iterator[None]:
    """For the length of a test."""
    assert darkroom.say("pause", "noop") == "paused  noop\n"
    yield
    darkroom.say("resume", "--all")


def wait_in_vain(person: Person, job: Job) -> None:
    """The generator is at work, and yet does not start this one."""
    assert person.wait(person.ask("card", {"title": "Meanwhile"})["id"])["status"] == "ready"
    assert person.look(job["id"])["status"] == "queued"


@pytest.mark.usefixtures("noop_is_paused")
def test_pause_outlives_the_generator_and_resume_lets_go(
    stack: LocalStack, person: Person, darkroom: CommandLine
) -> None:
    before, job = pids_of(stack, "generator"), person.ask("noop", {})
    wait_in_vain(person, job)

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    def another_has_announced_itself() -> None:
        assert not set(pids_of(stack, "generator")) & set(before)
        person.http.get("/health/ready").raise_for_status()

    eventually_sync(another_has_announced_itself, timeout=60)
    wait_in_vain(person, job)
    states = {one["name"]: one["paused"] for one in darkroom.read("generators")}
    assert states == dict.fromkeys(states, False) | {"noop": True}

    assert darkroom.say("resume", "noop") == "resumed  noop\n"
    assert person.wait(job["id"])["status"] == "ready"


@pytest.mark.usefixtures("noop_is_paused")
def test_job_that_may_not_wait_expires_before_it_is_started(person: Person) -> None:
    late = person.wait(person.ask("noop", {}, deadline_seconds=1)["id"])

    assert late["status"] == "expired"
    assert late["attempts"] == []


def test_all_are_paused_and_one_is_let_go(person: Person, darkroom: CommandLine) -> None:
    said = darkroom.say("pause", "--all")  # one that nobody hosts any more gives no answer
    assert said in {"paused  all generators\n", "asked to pause  all generators\n"}
    eventually_sync(lambda: _must_be_paused(person, "card", "noop"))
    held, let_go = person.ask("card", {"title": "Held"}), person.ask("noop", {})

    darkroom.say("resume", "noop")
    assert person.wait(let_go["id"])["status"] == "ready"
    assert person.look(held["id"])["status"] == "queued"

    darkroom.say("resume", "--all")
    assert person.wait(held["id"])["status"] == "ready"


def _must_be_paused(person: Person, *names: str) -> None:
    assert all(person.http.get(f"/v1/generators/{name}").json()["paused"] for name in names)
