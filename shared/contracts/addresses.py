"""Where each type of message travels: its exchange and the shape of its routing key.

Neighbours: shared/events/routing.py makes the keys of real messages; a contract test compares.
"""

from shared.events import (
    ControlGenerators,
    GeneratorAnnounced,
    MediaRejected,
    MediaRequested,
    Message,
)
from shared.events.parts import JobMessage
from shared.events.routing import stem
from shared.messaging.outgoing import exchange_of
from shared.messaging.topology import Binding, overflow_key

GENERATOR = "{generator}"
LANE = "{lane}"


def routing_pattern(message: type[Message]) -> str:
    """The routing key with parameters: `media.requested.{generator}.{lane}`."""
    words = [stem(message.type_name)]
    if issubclass(message, JobMessage | GeneratorAnnounced | MediaRejected | ControlGenerators):
        words.append(GENERATOR)
    if issubclass(message, MediaRequested):
        words.append(LANE)
    return ".".join(words)


def reaches(message: type[Message], binding: Binding) -> bool:
    """Whether messages of this type go through the binding (AMQP 0-9-1, topic exchanges)."""
    if exchange_of(message.type_name) != binding.exchange:
        return False
    key = routing_pattern(message)
    keys = [key, overflow_key(key)] if issubclass(message, MediaRequested) else [key]
    return any(_matches(binding.pattern.split("."), one.split(".")) for one in keys)


def _matches(pattern: list[str], key: list[str]) -> bool:
    if not pattern:
        return not key
    if pattern[0] == "#":
        return any(_matches(pattern[1:], key[skipped:]) for skipped in range(len(key) + 1))
    return bool(key) and pattern[0] in ("*", key[0]) and _matches(pattern[1:], key[1:])
