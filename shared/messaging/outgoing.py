"""A message on its way out: the event's bytes and what ops see of it in the management UI."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.events import (
    COMMANDS,
    TRANSIENT,
    CloudEvent,
    GeneratorAnnounced,
    MediaRejected,
    encode,
    routing_key,
)
from shared.messaging import topology

CONTENT_TYPE = "application/cloudevents+json"

_TRANSIENT_TYPES = frozenset(message.type_name for message in TRANSIENT)
_COMMAND_TYPES = frozenset(message.type_name for message in COMMANDS)
_OPTIONAL_TYPES = _TRANSIENT_TYPES | {MediaRejected.type_name, GeneratorAnnounced.type_name}
"""Events that need no listener: publishing one that nobody is bound to is no error."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready to publish. `mandatory`: it must reach a queue."""

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


def exchange_of(type_name: str) -> str:
    """Where messages of this type are published."""
    if type_name in _COMMAND_TYPES:
        return topology.COMMANDS
    return topology.LIVE if type_name in _TRANSIENT_TYPES else topology.EVENTS


def outgoing(event: CloudEvent) -> Outgoing:
    """The message that carries `event`."""
    return Outgoing(
        exchange=exchange_of(event.type),
        routing_key=routing_key(event),
        body=encode(event),
        message_id=event.id,
        type=event.type,
        timestamp=event.time,
        correlation_id=event.correlationid,
        mandatory=event.type not in _OPTIONAL_TYPES,
        persistent=event.type not in _TRANSIENT_TYPES,
    )
