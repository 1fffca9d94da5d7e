"""The AsyncAPI 3.0 document: who says what, on which exchange, and who hears it from which queue.

FastStream can make such a document too, but leaves out queue types, policies and what is said by
way of an outbox.
"""

from importlib.metadata import version
from typing import Any

from shared.contracts.addresses import GENERATOR, LANE, reaches, routing_pattern
from shared.contracts.schemas import data_schemas, envelope_schema, narrowing
from shared.events import (
    ANSWERS,
    COMMANDS,
    EVENTS,
    CancelMedia,
    Lane,
    MediaRejected,
    Message,
    RequestMedia,
)
from shared.events.routing import stem
from shared.messaging import topology
from shared.messaging.outgoing import CONTENT_TYPE, exchange_of

_SCHEMAS = "#/components/schemas/{model}"
_BINDING_VERSION = "0.3.0"
_KEYED = EVENTS + COMMANDS
"""What is published by a routing key."""
_ALL = _KEYED + ANSWERS
_ANSWERED = frozenset({stem(RequestMedia.type_name), stem(CancelMedia.type_name)})
_REPLIES = "replies"

_SPEAKERS = {
    "api": (
        "media.requested",
        "media.cancel_requested",
        "media.deadline_passed",
        "media.reconciled",
        "media.deleted",
        "media.rejected",
    ),
    "generator": (
        "media.started",
        "media.progressed",
        "media.retrying",
        "media.needs_reconciliation",
        "media.cost_settled",
        "media.generated",
        "media.generation_failed",
        "media.generation_canceled",
        "media.deadline_met",
        "generator.announced",
    ),
    "notifier": (
        "media.ready",
        "media.failed",
        "media.canceled",
        "media.expired",
        "webhook.endpoint_disabled",
    ),
    "client": ("media.request", "media.cancel", "media.control"),
}
"""Who says what; `client` is any other service."""

_PARAMETERS = {
    GENERATOR: {"description": "The name of a generator."},
    LANE: {"description": "Whether somebody waits for it.", "enum": [lane.value for lane in Lane]},
}


def asyncapi_document() -> dict[str, Any]:
    """The whole of Darkroom's messages, in the order of the catalog and the topology."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Darkroom",
            "version": version("darkroom"),
            "description": (
                "Messages of Darkroom: CloudEvents 1.0 in structured JSON over AMQP 0-9-1. "
                "Publish `media.request` to `media.commands`, be answered in the queue that "
                "`reply_to` names, listen for `media.ready.#` on `media.events`."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "rabbitmq": {
                "host": "localhost:5672",
                "protocol": "amqp",
                "protocolVersion": "0-9-1",
                "description": "RabbitMQ.",
            }
        },
        "channels": {
            **{stem(message.type_name): _key_channel(message) for message in _KEYED},
            _REPLIES: _reply_channel(),
            **{_key(queue): _queue_channel(queue) for queue in _queues()},
        },
        "operations": {**_sending(), **_answering(), **_receiving()},
        "components": {
            "messages": {stem(message.type_name): _message(message) for message in _ALL},
            "schemas": {
                "CloudEvent": _without_dialect(envelope_schema()),
                **data_schemas(list(_ALL), _SCHEMAS),
            },
        },
    }


def _queues() -> tuple[topology.Queue, ...]:
    work = f"{GENERATOR}.{LANE}"
    return (*topology.all_queues(()), _work(work), _work(topology.overflow_key(work)))


def _work(rest: str) -> topology.Queue:
    binding = topology.Binding(topology.EVENTS, f"media.requested.{rest}")
    return topology.Queue(f"generator.{rest}", "generator", (binding,))


def _key_channel(message: type[Message]) -> dict[str, Any]:
    """An exchange and a routing key, as publishers see it."""
    address = routing_pattern(message)
    exchange = exchange_of(message.type_name)
    binding = {
        "is": "routingKey",
        "exchange": {"name": exchange, "type": "topic", "durable": True, "autoDelete": False},
        "bindingVersion": _BINDING_VERSION,
    }
    name = stem(message.type_name)
    return {
        "address": address,
        "description": f"{exchange}, {address}",
        **_parameters(address),
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"amqp": binding},
    }


def _reply_channel() -> dict[str, Any]:
    """The queue of whoever sent a command: only it knows its name."""
    answers: tuple[type[Message], ...] = (*ANSWERS, MediaRejected)
    names = [stem(message.type_name) for message in answers]
    binding = {
        "is": "routingKey",
        "exchange": {"name": topology.DEFAULT, "type": "direct"},
        "bindingVersion": _BINDING_VERSION,
    }
    return {
        "address": None,
        "description": "The default exchange, straight into the queue that the command's AMQP "
        "property reply_to names; its correlation_id comes back with the answer.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"amqp": binding},
    }


def _queue_channel(queue: topology.Queue) -> dict[str, Any]:
    """A queue, as its consumer sees it."""
    binding = {
        "is": "queue",
        "queue": {"name": queue.name, "durable": True, "exclusive": False, "autoDelete": False},
        "bindingVersion": _BINDING_VERSION,
    }
    return {
        "address": queue.name,
        "description": f"A queue of the {queue.consumer}.",
        **_parameters(queue.name),
        "messages": {
            stem(message.type_name): {"$ref": f"#/components/messages/{stem(message.type_name)}"}
            for message in _heard_from(queue)
        },
        "bindings": {"amqp": binding},
        "x-arguments": topology.QUORUM,
        "x-bindings": [
            {"exchange": binding.exchange, "routingKey": binding.pattern}
            for binding in queue.bindings
        ],
    }


def _heard_from(queue: topology.Queue) -> list[type[Message]]:
    if queue.name == topology.DEAD_LETTERS:
        return list(_ALL)
    return [m for m in _ALL if any(reaches(m, binding) for binding in queue.bindings)]


def _parameters(address: str) -> dict[str, Any]:
    found = {name.strip("{}"): text for name, text in _PARAMETERS.items() if name in address}
    return {"parameters": found} if found else {}


def _sending() -> dict[str, Any]:
    """One operation for every type, named after who says it."""
    return {
        f"{speaker}.{name}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
            **(_REPLY if name in _ANSWERED else {}),
        }
        for speaker, names in _SPEAKERS.items()
        for name in names
    }


_REPLY: dict[str, Any] = {
    "reply": {
        "address": {"location": "$message.header#/reply_to"},
        "channel": {"$ref": f"#/channels/{_REPLIES}"},
    }
}


def _answering() -> dict[str, Any]:
    """What the api sends to whoever asked, and to nobody else."""
    return {
        f"api.{name}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_REPLIES}"},
            "messages": [{"$ref": f"#/channels/{_REPLIES}/messages/{name}"}],
        }
        for name in (stem(message.type_name) for message in ANSWERS)
    }


def _receiving() -> dict[str, Any]:
    """One operation for every queue, named after who consumes it."""
    return {
        f"{queue.consumer}.consume.{_key(queue)}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{_key(queue)}"},
        }
        for queue in _queues()
    }


def _key(queue: topology.Queue) -> str:
    """The queue's name as a key of the document, where braces may not stand."""
    return queue.name.replace("{", "").replace("}", "")


def _message(message: type[Message]) -> dict[str, Any]:
    return {
        "name": message.type_name,
        "title": message.__name__,
        "summary": (message.__doc__ or "").strip().splitlines()[0],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": _SCHEMAS.format(model="CloudEvent")},
                narrowing(message, _SCHEMAS),
            ]
        },
        "bindings": {
            "amqp": {"messageType": message.type_name, "bindingVersion": _BINDING_VERSION}
        },
    }


def _without_dialect(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "$schema"}
