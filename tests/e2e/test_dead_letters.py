"""Rubbish in any queue ends in the dead-letter store with the reason, and everything goes on."""

import json
import uuid

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from shared.testing import eventually_sync
from tests.e2e.people import Person

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
