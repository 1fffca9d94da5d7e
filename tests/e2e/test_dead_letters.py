"""What cannot be handled is kept with the reason, and goes back when the reason is gone."""

import json
import uuid
from typing import Any

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.testing import eventually_sync
from tests.e2e.command_line import CommandLine
from tests.e2e.people import Person, Service

Letter = dict[str, Any]

QUEUES = [
    "generator.noop.interactive",
    "generator.noop.batch",
    "generator.control",
    "notifier.outcomes",
    "api.progress",
    "api.commands",
]
UNKNOWN_TYPE = {"specversion": "1.0", "id": "1", "source": "/x", "type": "darkroom.nonsense.v1"}
WRONG_DATA = {
    "specversion": "1.0",
    "id": "1",
    "source": "/x",
    "type": "darkroom.media.ready.v1",
    "time": "2026-01-01T00:00:00Z",
    "data": {"job_id": "not an id"},
}
RUBBISH = {
    "not JSON": b"\x00rubbish",
    "an unknown type": json.dumps(UNKNOWN_TYPE).encode(),
    "wrong data": json.dumps(WRONG_DATA).encode(),
}


@pytest.mark.parametrize("queue", QUEUES)
def test_rubbish_is_kept_with_its_reason(
    channel: BlockingChannel, person: Person, queue: str
) -> None:
    message_ids = {}
    for kind, body in RUBBISH.items():
        message_ids[kind] = str(uuid.uuid4())
        properties = pika.BasicProperties(message_id=message_ids[kind], delivery_mode=2)
        channel.basic_publish("", queue, body, properties)

    def all_are_stored() -> None:
        items = person.http.get("/v1/dead-letters", params={"queue": queue}).json()["items"]
        stored = {item["message_id"]: item for item in items}
        for kind, message_id in message_ids.items():
            assert stored[message_id]["queue"] == queue, kind
            assert stored[message_id]["error_message"], kind

    eventually_sync(all_are_stored, timeout=30)
    assert person.wait(person.ask("noop", {})["id"])["status"] == "ready"


@pytest.fixture
def cured(channel: BlockingChannel, person: Person) -> Letter:
    """A command that broke its handler by a bug, which has been repaired since."""
    command_id = str(uuid.uuid4())
    command = {
        "specversion": "1.0",
        "id": command_id,
        "source": "/shop/checkout",
        "type": "darkroom.media.request.v1",
        "time": "2026-01-01T00:00:00Z",
        "correlationid": command_id,
        "data": {"generator": "noop", "input": {"payload": "cured"}},
    }
    headers = {
        "x-darkroom-queue": "api.commands",
        "x-darkroom-error-class": "KeyError",
        "x-darkroom-error-code": "handler_error",
        "x-darkroom-error-message": "'colour'",
        "x-darkroom-first-seen": "2026-01-01T00:00:01+00:00",
    }
    properties = pika.BasicProperties(
        message_id=command_id, type=command["type"], delivery_mode=2, headers=headers
    )
    channel.basic_publish("media.dead", "api.commands", json.dumps(command).encode(), properties)
    return letter_of(person, command_id)


def letter_of(person: Person, message_id: str, **filters: str) -> Letter:
    """The dead letter of this message, once it is stored."""

    def stored() -> Letter:
        found = person.http.get("/v1/dead-letters", params={"limit": 200, **filters}).json()
        [letter] = [one for one in found["items"] if one["message_id"] == message_id]
        return dict(letter)

    return eventually_sync(stored, timeout=30)


def jobs_of(person: Person, command_id: str) -> list[str]:
    """The jobs that this command asked for."""
    found = person.http.get("/v1/media", params={"generator": "noop", "limit": 200}).json()
    return [job["id"] for job in found["items"] if job["correlation_id"] == command_id]


def the_job_of(person: Person, command_id: str) -> str:
    """The only one."""
    [job_id] = jobs_of(person, command_id)
    return job_id


def test_what_is_replayed_has_its_effect_and_only_once(
    channel: BlockingChannel, person: Person, darkroom: CommandLine, cured: Letter
) -> None:
    letter_id, message_id = cured["id"], cured["message_id"]
    groups = darkroom.read("dead", "groups", "--error-code", "handler_error")
    assert [(one["queue"], one["error_class"]) for one in groups] == [("api.commands", "KeyError")]
    assert '"payload": "cured"' in darkroom.say("dead", "show", letter_id)
    assert jobs_of(person, message_id) == []

    assert darkroom.say("dead", "replay", letter_id) == "replayed  1 dead letter\n"

    job_id = eventually_sync(lambda: the_job_of(person, message_id), 30)
    job = person.wait(job_id)
    assert job["status"] == "ready"
    assert letter_of(person, message_id, replayed="true")["replays"] == 1

    darkroom.say("dead", "replay", letter_id)
    behind_it = Service(channel).request(generator="noop", input={})
    eventually_sync(lambda: the_job_of(person, behind_it), 30)
    assert jobs_of(person, message_id) == [job_id]
    assert person.look(job_id) == job


def test_what_dies_again_is_a_letter_again_and_what_is_purged_is_gone(
    channel: BlockingChannel, person: Person, darkroom: CommandLine
) -> None:
    queue, message_id = "notifier.outcomes", str(uuid.uuid4())
    darkroom("dead", "purge", "--queue", queue, "--yes")
    properties = pika.BasicProperties(message_id=message_id, delivery_mode=2)
    channel.basic_publish("", queue, b"still rubbish", properties)
    first = letter_of(person, message_id, queue=queue)

    assert "replayed  1 dead letter" in darkroom.say("dead", "replay", "--queue", queue, "--yes")
    again = letter_of(person, message_id, queue=queue)
    assert again["id"] != first["id"]
    assert again["error_code"] == "undecodable_message"

    assert darkroom("dead", "purge", "--queue", queue).returncode == 2, "nobody is there to ask"
    assert "purged  1 dead letter" in darkroom.say("dead", "purge", "--queue", queue, "--yes")
    assert darkroom.say("dead", "list", "--queue", queue) == "There are none of these.\n"
    assert person.http.get(f"/v1/dead-letters/{again['id']}").status_code == 404
    darkroom.say("dead", "purge", first["id"], "--yes")
