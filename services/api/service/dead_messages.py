"""Reading dead messages. Whatever arrives is kept: reading one must never fail.

Neighbours: subscribers.py hands over what the broker gave it, `dead_letters` keeps the result.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from services.api.models import DeadLetter
from shared.clock import NewId, derived_id
from shared.messaging import dead_letters as header
from shared.messaging.answers import lasting_address

REPLAY = header.PREFIX + "replay"
"""Which letter a replayed message was, and for which time: should it die again, it is another."""

_LONGEST_TEXT = 8_000
_LONGEST_NAME = 255
_LONGEST_HEADER = 4_000
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class DeadMessage:
    """A message of the dead-letter queue, as the broker gave it."""

    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    message_id: str | None = None
    type: str | None = None
    content_type: str | None = None
    correlation_id: str | None = None
    reply_to: str | None = None
    user_id: str | None = None
    exchange: str | None = None
    routing_key: str | None = None


def dead_letter_of(
    message: DeadMessage, now: datetime, new_id: NewId, user: str | None = None
) -> DeadLetter:
    """What is kept of a dead message, whether Darkroom published it or the broker moved it here.

    Of one that the broker moved, headers like ours are words of whoever sent it: they could lead a
    replay into any queue. `user` is our own on the broker, believed when it says who sent it.
    """
    headers = {_text(name): _plain(value) for name, value in message.headers.items()}
    death = _last_death(headers)
    ours = {} if death else headers
    reason = _text(death.get("reason", "")) or "unknown"

    def told(name: str, otherwise: object = "", longest: int = _LONGEST_NAME) -> str:
        return _text(ours.get(name) or otherwise)[:longest]

    return DeadLetter(
        id=_identity(message, headers, new_id),
        received_at=now,
        queue=told(header.QUEUE, death.get("queue") or message.routing_key or ""),
        error_class=told(header.ERROR_CLASS, "DeadLetteredByBroker"),
        error_code=told(header.ERROR_CODE, reason),
        error_message=told(
            header.ERROR_MESSAGE, f"RabbitMQ moved it here: {reason}", _LONGEST_TEXT
        ),
        stack=told(header.ERROR_STACK, "", _LONGEST_TEXT),
        message_id=_text(message.message_id),
        type=_text(message.type),
        exchange=_text(
            ours.get(header.PREFIX + "exchange", death.get("exchange", message.exchange))
        ),
        routing_key=told(
            header.PREFIX + "routing-key", _first(death.get("routing-keys")) or message.routing_key
        ),
        content_type=_text(message.content_type),
        correlation_id=_text(message.correlation_id),
        reply_to=_text(lasting_address(message.reply_to)),
        sender=_text(header.sender_of(message.user_id, headers, user)),
        headers=headers,
        size=len(message.body),
        body=message.body,
    )


def _identity(message: DeadMessage, headers: Mapping[str, Any], new_id: NewId) -> UUID:
    """The same for the same dead letter, delivered twice or published twice.

    A service that dies before it has acked what it buries buries it again, at another moment: so
    the moment counts only where the message has no id to tell it by.
    """
    named = message.message_id or headers.get(header.FIRST_SEEN)
    if not named:
        return new_id()
    death = _last_death(headers)
    known = [
        "dead-letter", named, death.get("queue") or headers.get(header.QUEUE),
        headers.get(header.ATTEMPT) or death.get("count"), sha256(message.body).hexdigest(),
    ]  # fmt: skip
    if replay := headers.get(REPLAY):
        known.append(replay)
    return derived_id(*known)


def _last_death(headers: Mapping[str, Any]) -> Mapping[str, Any]:
    deaths = headers.get("x-death")
    last = deaths[0] if isinstance(deaths, list) and deaths else None
    return last if isinstance(last, dict) else {}


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _text(value: object) -> str:
    """Text that Postgres can hold."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray):
        value = bytes(value).decode(errors="replace")
    return str(value).replace("\x00", "\ufffd").encode(errors="replace").decode()


def _plain(value: Any, depth: int = 0) -> Any:
    """A header's value as JSON: AMQP tables hold bytes, moments and decimals too."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if _fits(value) else str(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {_text(key): _plain(item, depth + 1) for key, item in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return _text(value)[:_LONGEST_HEADER]


def _fits(value: float) -> bool:
    try:
        return orjson.loads(orjson.dumps(value)) is not None
    except (TypeError, ValueError):
        return False
