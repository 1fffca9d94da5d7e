"""Dead letters: what cannot be read, or breaks its handler, is published with the reason.

The original body is unchanged; the reason stands in headers. The api stores what arrives.

Who sent a message RabbitMQ vouches for: it takes the property `user_id` only from that very user. A
message that is published again has another sender, so the first one stands in a header, which
anybody could write. It is believed of our own user alone.
"""

import struct
import traceback
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pamqp import encode

from shared.errors import DarkroomError
from shared.messaging import topology
from shared.messaging.answers import lasting_address
from shared.messaging.delivery import Delivery
from shared.messaging.outgoing import Outgoing

PREFIX = "x-darkroom-"
QUEUE = PREFIX + "queue"
ERROR_CLASS = PREFIX + "error-class"
ERROR_CODE = PREFIX + "error-code"
ERROR_MESSAGE = PREFIX + "error-message"
ERROR_STACK = PREFIX + "error-stack"
ATTEMPT = PREFIX + "attempt"
FIRST_SEEN = PREFIX + "first-seen"
SENDER = PREFIX + "sender"
"""Which user of the broker sent the message first; empty: one that said no name."""

_LONGEST = 8_000
_MOST_HEADERS = 32_000
"""Bytes of a stranger's headers that are kept: all headers must fit into one frame of 128 KiB."""


def sender_of(user_id: str | None, headers: Mapping[str, Any], user: str | None) -> str | None:
    """Which user of the broker sent a message first; None: nobody vouches for anybody.

    `user` is our own, who is believed when it says that it passes on what another has sent.
    """
    said = headers.get(SENDER) if user and user_id == user else None
    return said or None if isinstance(said, str) else user_id


def dead_letter(
    message: Delivery,
    *,
    queue: str,
    error: BaseException,
    now: datetime,
    user: str | None = None,
) -> Outgoing:
    """The message that says why `message` of `queue` could not be handled.

    `user` is our own, as whom it also says who sent the message; None: that is not said.
    """
    headers = _kept(message.headers)
    headers.pop(SENDER, None)
    if user:
        headers[SENDER] = sender_of(message.user_id, message.headers, user) or ""
    headers |= {
        QUEUE: queue,
        ERROR_CLASS: type(error).__name__,
        ERROR_CODE: error.code if isinstance(error, DarkroomError) else "handler_error",
        ERROR_MESSAGE: _text(str(error)[:_LONGEST]),
        ERROR_STACK: _text("".join(traceback.format_exception(error))[-_LONGEST:]),
        ATTEMPT: _count(headers.get(ATTEMPT)) + 1,
        FIRST_SEEN: headers.get(FIRST_SEEN) or now.isoformat(),
        PREFIX + "exchange": message.exchange,
        PREFIX + "routing-key": message.routing_key,
    }
    return Outgoing(
        exchange=topology.DEAD,
        routing_key=queue,
        body=message.body,
        message_id=message.message_id or "",
        type=message.type or "",
        correlation_id=message.correlation_id,
        content_type=message.content_type or "application/octet-stream",
        headers=headers,
        reply_to=lasting_address(message.reply_to),
        user_id=user,
    )


def _kept(headers: Mapping[str, Any]) -> dict[str, Any]:
    """The headers that can be sent again; the broker's own record of deaths is left out."""
    kept: dict[str, Any] = {}
    room = _MOST_HEADERS
    for key, value in headers.items():
        size = _encoded_size(key, value)
        if size is not None and size <= room and not key.startswith("x-death"):
            kept[key] = value
            room -= size
    return kept


def _encoded_size(key: str, value: Any) -> int | None:
    try:
        return len(encode.field_table({key: value}))
    except (TypeError, ValueError, OverflowError, struct.error):
        return None


def _text(value: str) -> str:
    """UTF-8 whatever the exception said."""
    return value.encode(errors="replace").decode()


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else 0
