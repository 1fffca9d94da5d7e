"""RabbitMQ is short of memory or of disk: nobody hangs, somebody says so, nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync
from tests.e2e.outages import Processes, wait_until_later
from tests.e2e.people import Listener, Person, subject
from tests.e2e.test_being_away import BROKER_HOLDS_NOBODY_UP, NOTICED_WITHIN, ask

ALARM_SECONDS = 8.0
ATTEMPTS_MEANWHILE = 12
"""A relay that waits two seconds at most between attempts makes fewer than that."""

ALARMS = {
    "memory": (
        ["set_vm_memory_high_watermark", "0.000001"],
        ["set_vm_memory_high_watermark", "0.4"],
    ),
    "disk": (["set_disk_free_limit", "1000000GB"], ["set_disk_free_limit", "50MB"]),
}


@pytest.fixture
def processes(stack: LocalStack) -> Processes:
    processes = Processes(stack)
    processes.wait_until_ready()
    return processes


@contextmanager
def alarm(processes: Processes, kind: str) -> Iterator[None]:
    begin, end = ALARMS[kind]
    processes.rabbitmqctl(*begin)
    try:
        yield
    finally:
        processes.rabbitmqctl(*end)


def failures_of_relay(stack: LocalStack) -> int:
    log: Path = stack._home.logs / "api.log"
    return log.read_text(errors="replace").count("outbox.relay_failed")


@pytest.mark.parametrize("kind", ALARMS)
def test_an_alarm_holds_nobody_up_and_loses_nothing(
    stack: LocalStack, processes: Processes, channel: BlockingChannel, person: Person, kind: str
) -> None:
    listener = Listener(channel, "media.ready.noop")
    accepted = []
    with alarm(processes, kind):
        for _ in range(20):
            answer, seconds = ask(person, "while the broker blocks")
            assert answer.status_code == 202, answer.text
            assert seconds < BROKER_HOLDS_NOBODY_UP
            accepted.append(answer.json()["id"])

        def is_said() -> None:
            processes.must_not_be_ready("broker", "api")
            said = processes.health("api").json()["checks"]["broker"]
            assert "RabbitMQ takes no messages: it is short of memory or of disk" in said

        eventually_sync(is_said, NOTICED_WITHIN)
        failed_before = failures_of_relay(stack)
        wait_until_later(ALARM_SECONDS)
        assert failures_of_relay(stack) - failed_before <= ATTEMPTS_MEANWHILE
    processes.wait_until_ready()
    ended = Counter(person.wait(job_id)["status"] for job_id in accepted)
    assert ended == {"ready": len(accepted)}
    heard = {(subject(event), event["id"]) for event in listener.collect(accepted, timeout=60)}
    assert len(heard) == len(accepted), "whatever was published twice is the same event"
