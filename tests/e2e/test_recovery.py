"""Processes that are killed come back, and what was asked for is made all the same."""

import os
import signal

import psutil
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync
from tests.e2e.people import Listener, Person, pids_of

NOOP = {"generator": "noop", "input": {}}


@pytest.mark.parametrize("service", ["generator", "notifier", "api"])
def test_a_killed_service_comes_back_and_its_jobs_end(
    stack: LocalStack, channel: BlockingChannel, person: Person, service: str
) -> None:
    listener = Listener(channel, "media.ready.noop")
    killed = pids_of(stack, service)
    asked = [answer["job"]["id"] for answer in person.ask_for_many([NOOP] * 200)]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    heard = listener.collect(asked, timeout=100)
    assert {event["subject"] for event in heard} == set(asked)
    assert len({event["id"] for event in heard}) == len(asked), "one final event id a job"

    def back() -> None:
        assert not set(pids_of(stack, service)) & set(killed)
        assert person.look(asked[0])["status"] == "ready"

    eventually_sync(back, timeout=60)


def test_a_generators_children_die_with_it(stack: LocalStack, person: Person) -> None:
    person.wait(person.ask("card", {"title": "Warm"})["id"])
    [pid] = pids_of(stack, "generator")
    children = psutil.Process(pid).children(recursive=True)
    assert children, "cards are made in child processes"
    os.kill(pid, signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    eventually_sync(lambda: person.http.get("/health/ready").raise_for_status(), timeout=60)
    assert person.wait(person.ask("card", {"title": "Again"})["id"])["status"] == "ready"
