"""The AsyncAPI document is valid, whole, and true of what is really published and consumed."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.contracts import asyncapi_document
from shared.contracts.addresses import reaches, routing_pattern
from shared.events import COMMANDS, EVENTS, Message, routing_key
from shared.events.routing import stem
from shared.messaging import topology
from shared.testing import a_media_generated, a_media_ready, an_event
from tests.message_builders import BUILDERS

SCHEMA = Path(__file__).parent / "asyncapi-3.0.0.schema.json.gz"
"""AsyncAPI 3.0.0's own JSON Schema (asyncapi/spec-json-schemas, Apache-2.0), without prose."""


def test_it_is_valid() -> None:
    schema = json.loads(gzip.decompress(SCHEMA.read_bytes()))
    jsonschema.Draft7Validator(schema).validate(asyncapi_document())


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi_document()
    for reference in _references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, reference
            place = place[part]


@pytest.mark.parametrize("message", EVENTS + COMMANDS, ids=lambda message: message.__name__)
def test_every_type_is_said_by_somebody_where_it_is_really_published(
    message: type[Message],
) -> None:
    document = asyncapi_document()
    name = stem(message.type_name)
    senders = [o for o in document["operations"] if o.split(".", 1)[1] == name]
    assert len(senders) == 1
    event = an_event(BUILDERS[message](**({"generator": "card"} if _names_one(message) else {})))
    address = document["channels"][name]["address"]
    assert address.format(generator="card", lane="interactive") == routing_key(event)


def test_requests_and_cancels_are_answered_in_a_queue_of_whoever_sent_them() -> None:
    document = asyncapi_document()
    for name in ("client.media.request", "client.media.cancel"):
        reply = document["operations"][name]["reply"]
        assert reply["address"]["location"] == "$message.header#/reply_to"
        assert reply["channel"] == document["operations"]["api.media.accepted"]["channel"]
    replies = document["channels"]["replies"]
    assert replies["address"] is None
    assert set(replies["messages"]) == {"media.accepted", "media.rejected"}


def test_every_queue_is_consumed_and_hears_of_something() -> None:
    document = asyncapi_document()
    for queue in topology.all_queues(()):
        assert document["operations"][f"{queue.consumer}.consume.{queue.name}"]
        assert document["channels"][queue.name]["messages"]


@pytest.mark.parametrize(
    ("pattern", "reached"),
    [
        ("media.generated.#", True),
        ("media.generated.*", True),
        ("#", True),
        ("media.*", False),
        ("media.ready.#", False),
    ],
)
def test_bindings_are_matched_as_the_broker_does(pattern: str, reached: bool) -> None:
    binding = topology.Binding(topology.EVENTS, pattern)
    assert reaches(type(a_media_generated()), binding) is reached


def test_a_binding_of_another_exchange_reaches_nothing() -> None:
    assert routing_pattern(type(a_media_ready())) == "media.ready.{generator}"
    assert not reaches(type(a_media_ready()), topology.Binding(topology.COMMANDS, "#"))


def _names_one(message: type[Message]) -> bool:
    return "generator" in message.model_fields


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
