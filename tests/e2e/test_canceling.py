"""A job that is canceled ends, whether anybody is there to stop it or not."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from deploy.local.stack import LocalStack
from tests.e2e.command_line import CommandLine
from tests.e2e.people import Person, pids_of


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """As if the machine they are on were cut off."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_job_is_canceled_although_no_generator_answers(
    stack: LocalStack, person: Person, darkroom: CommandLine
) -> None:
    with stopped(pids_of(stack, "generator")):
        job = person.ask("noop", {})
        assert darkroom.say("cancel", job["id"]) == f"canceling  {job['id']}\n"
        assert person.wait(job["id"])["status"] == "canceled"

    assert person.wait(person.ask("noop", {})["id"])["status"] == "ready", "they are back"
    late = person.look(job["id"])
    assert (late["status"], late["assets"]) == ("canceled", []), "the first verdict is the last"


def test_job_that_has_ended_cannot_be_canceled(person: Person, darkroom: CommandLine) -> None:
    done = person.wait(person.ask("noop", {})["id"])

    refused = darkroom("cancel", done["id"])

    assert refused.returncode == 1
    assert refused.stderr.startswith("error: ")
    assert person.look(done["id"]) == done
