"""A message on its way out: the event's bytes and what ops see of it in the management UI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from shared.events import (
    ANSWERS,
    COMMANDS,
    TRANSIENT,
    CloudEvent,
    GeneratorAnnounced,
    MediaRejected,
    WebhookEndpointDisabled,
    encode,
    routing_key,
)
from shared.messaging import topology

CONTENT_TYPE = "application/cloudevents+json"

_TRANSIENT_TYPES = frozenset(message.type_name for message in TRANSIENT)
_COMMAND_TYPES = frozenset(message.type_name for message in COMMANDS)
_ANSWER_TYPES = frozenset(message.type_name for message in ANSWERS)
_OPTIONAL_TYPES = (
    _TRANSIENT_TYPES
    | _ANSWER_TYPES
    | {
        MediaRejected.type_name,
        GeneratorAnnounced.type_name,
        WebhookEndpointDisabled.type_name,
    }
)
"""Events that need no listener: publishing one that nobody is bound to is no error."""


@dataclass(slots=True)
class Outgoing:
    """One message, ready to publish. `mandatory`: it must reach a queue.

    `user_id` must be the user of the connection: RabbitMQ closes the channel over any other name.
    """

    exchange: str
    routing_key: str
    body: bytes
    message_id: str
    type: str
    timestamp: datetime | None = None
    correlation_id: str | None = None
    mandatory: bool = True
    persistent: bool = True
    content_type: str = CONTENT_TYPE
    headers: Mapping[str, Any] = field(default_factory=dict)
    reply_to: str | None = None
    user_id: str | None = None


def exchange_of(type_name: str) -> str:
    """Where messages of this type are published."""
    if type_name in _COMMAND_TYPES:
        return topology.COMMANDS
    if type_name in _ANSWER_TYPES:
        return topology.DEFAULT
    return topology.LIVE if type_name in _TRANSIENT_TYPES else topology.EVENTS


def outgoing(event: CloudEvent, *, overflow: bool = False) -> Outgoing:
    """The message that carries `event`; a request may have to go the way of the overflow."""
    type_name = event.type
    exchange, mandatory, persistent = _manner_of(type_name)
    key = routing_key(event)
    return Outgoing(
        exchange,
        topology.overflow_key(key) if overflow else key,
        encode(event),
        event.id,
        type_name,
        event.time,
        event.correlationid,
        mandatory,
        persistent,
    )


@lru_cache(maxsize=256)
def _manner_of(type_name: str) -> tuple[str, bool, bool]:
    """Exchange, whether it must reach a queue, whether it must survive the broker."""
    transient = type_name in _TRANSIENT_TYPES
    return exchange_of(type_name), type_name not in _OPTIONAL_TYPES, not transient
