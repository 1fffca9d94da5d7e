"""Webhooks through the whole stack, to a receiver that is a server of its own."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel
from standardwebhooks import Webhook

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync
from shared.testing.webhook_receiver import WebhookReceiver
from tests.e2e.command_line import CommandLine
from tests.e2e.people import Listener, Person, pids_of

NOOP = {"generator": "noop", "input": {}}


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def endpoint(person: Person, receiver: WebhookReceiver) -> Iterator[dict[str, Any]]:
    made = person.http.post("/v1/webhooks/endpoints", json={"url": receiver.url})
    assert made.status_code == 201, made.text
    yield made.json()
    person.http.delete(f"/v1/webhooks/endpoints/{made.json()['id']}")


def test_a_receiver_that_fails_at_first_gets_what_the_broker_said(
    person: Person, channel: BlockingChannel, receiver: WebhookReceiver, endpoint: dict[str, Any]
) -> None:
    listener = Listener(channel, "media.ready.noop")
    receiver.fail(2)
    job = person.ask("noop", {})
    [heard] = listener.collect([job["id"]])
    call = receiver.wait_for(lambda call: call.answered < 300, timeout=timedelta(seconds=30))
    assert [one.id for one in receiver.calls] == [heard["id"]] * 3
    assert Webhook(endpoint["secret"]).verify(call.body, call.headers) == heard


def test_the_webhook_of_a_request_is_called_and_replayed(
    person: Person, receiver: WebhookReceiver, darkroom: CommandLine
) -> None:
    job = person.ask("noop", {}, webhook={"url": receiver.url})
    call = receiver.wait_for()
    secret = person.http.get("/v1/webhooks/secret").json()["secret"]
    assert Webhook(secret).verify(call.body, call.headers)["subject"] == job["id"]

    def delivered() -> str:
        [one] = darkroom.read("webhooks", "deliveries", "--job", job["id"])["items"]
        assert one["status"] == "delivered"
        return str(one["id"])

    delivery = eventually_sync(delivered, timeout=10)
    darkroom.say("webhooks", "replay", delivery)
    assert receiver.wait_for(count=2).id == call.id


def test_a_sample_is_sent_and_its_answer_told(
    darkroom: CommandLine, receiver: WebhookReceiver, endpoint: dict[str, Any]
) -> None:
    assert darkroom.read("webhooks", "test", endpoint["id"])["delivered"]
    receiver.fail(1, status=418)
    done = darkroom("webhooks", "test", endpoint["id"])
    assert done.returncode == 1
    assert "418" in done.stdout


@pytest.mark.parametrize("service", ["notifier", "rabbitmq"])
def test_nothing_is_lost_when_something_is_killed_while_sending(
    stack: LocalStack,
    person: Person,
    receiver: WebhookReceiver,
    *,
    endpoint: dict[str, Any],
    service: str,
) -> None:
    assert endpoint["enabled"]
    receiver.answer_after(timedelta(seconds=0.3))
    asked = [answer["job"]["id"] for answer in person.ask_for_many([NOOP] * 30)]
    receiver.wait_for(count=2, timeout=timedelta(seconds=20))
    pids = stack.info.pids[service]
    for pid in pids if isinstance(pids, list) else [pids]:
        os.kill(int(str(pid)), signal.SIGKILL)
    receiver.answer_after(timedelta(0))

    def all_came() -> None:
        told = {event.subject: event.id for event in receiver.events.values()}
        assert set(told) >= set(asked)

    eventually_sync(all_came, timeout=90)
    events = [one for one in receiver.events.values() if one.subject in asked]
    assert len({event.id for event in events}) == len(asked), "one id a job, however often"
    assert pids_of(stack, "notifier")
