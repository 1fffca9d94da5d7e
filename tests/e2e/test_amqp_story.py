"""Another team's service uses Darkroom with pika and the JSON Schemas, and nothing else."""

import json
from pathlib import Path
from typing import Any

import jsonschema
from pika.adapters.blocking_connection import BlockingChannel

from tests.e2e.people import Listener, Person, Service

SCHEMAS = Path(__file__).parents[2] / "shared/events/schemas"


def _validate(event: dict[str, Any]) -> None:
    schema = json.loads((SCHEMAS / f"{event['type'].removeprefix('darkroom.')}.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(event)


def test_everyone_hears_once_that_a_picture_is_ready(
    channel: BlockingChannel, person: Person
) -> None:
    listener = Listener(channel, "media.ready.#")
    asked = [person.ask("noop", {}, metadata={"n": n})["id"] for n in range(20)]
    heard = listener.collect(asked)
    assert len(heard) == len(asked)
    for event in heard:
        _validate(event)
        assert event["type"] == "darkroom.media.ready.v1"
        assert event["data"]["assets"][0]["sha256"]


def test_what_ops_see_in_the_management_ui(channel: BlockingChannel, person: Person) -> None:
    listener = Listener(channel, "media.ready.noop")
    job = person.ask("noop", {})
    [event] = listener.collect([job["id"]])
    [properties] = listener.properties
    assert properties.message_id == event["id"]
    assert properties.type == event["type"]
    assert properties.app_id
    assert properties.timestamp
    assert properties.correlation_id == event["correlationid"]
    assert properties.delivery_mode == 2


def test_a_thousand_commands_end_ready_and_an_invalid_one_among_them_harms_nobody(
    channel: BlockingChannel,
) -> None:
    ready = Listener(channel, "media.ready.noop")
    rejected = Listener(channel, "media.rejected.#")
    service = Service(channel)
    good = {service.request(generator="noop", input={}) for _ in range(500)}
    bad = service.request(generator="noop", input={"nonsense": True})
    unknown = service.request(generator="no-such-thing", input={})
    good |= {service.request(generator="noop", input={}) for _ in range(500)}

    problems = {_command(event): event for event in rejected.collect({bad, unknown}, by=_command)}
    for event in problems.values():
        _validate(event)
    assert problems[bad]["data"]["problem"]["errors"][0]["pointer"] == "/input/nonsense"
    assert problems[unknown]["data"]["problem"]["code"] == "unknown_generator"
    assert len(ready.collect(good, by=_correlation)) == len(good)


def _command(event: dict[str, Any]) -> str:
    return str(event["data"]["command_id"])


def _correlation(event: dict[str, Any]) -> str:
    return str(event["correlationid"])
