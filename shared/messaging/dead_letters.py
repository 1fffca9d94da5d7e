"""Dead letters: what cannot be read, or breaks its handler, is published with the reason.

The original body is unchanged; the reason stands in headers. The api stores what arrives.
"""

import traceback
from datetime import datetime
from typing import Any

from faststream.rabbit import RabbitMessage

from shared.errors import DarkroomError
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing

PREFIX = "x-darkroom-"
QUEUE = PREFIX + "queue"
ERROR_CLASS = PREFIX + "error-class"
ERROR_CODE = PREFIX + "error-code"
ERROR_MESSAGE = PREFIX + "error-message"
ERROR_STACK = PREFIX + "error-stack"
ATTEMPT = PREFIX + "attempt"
FIRST_SEEN = PREFIX + "first-seen"

_LONGEST = 8_000


def dead_letter(
    message: RabbitMessage, *, queue: str, error: BaseException, now: datetime
) -> Outgoing:
    """The message that says why `message` of `queue` could not be handled."""
    headers: dict[str, Any] = {
        key: value for key, value in message.headers.items() if not key.startswith("x-death")
    }
    headers |= {
        QUEUE: queue,
        ERROR_CLASS: type(error).__name__,
        ERROR_CODE: error.code if isinstance(error, DarkroomError) else "handler_error",
        ERROR_MESSAGE: str(error)[:_LONGEST],
        ERROR_STACK: "".join(traceback.format_exception(error))[-_LONGEST:],
        ATTEMPT: int(headers.get(ATTEMPT) or 0) + 1,
        FIRST_SEEN: headers.get(FIRST_SEEN) or now.isoformat(),
        PREFIX + "exchange": message.raw_message.exchange or "",
        PREFIX + "routing-key": message.raw_message.routing_key or "",
    }
    return Outgoing(
        exchange=topology.DEAD,
        routing_key=queue,
        body=message.body,
        message_id=message.raw_message.message_id or "",
        type=message.raw_message.type or "",
        correlation_id=message.raw_message.correlation_id,
        content_type=message.raw_message.content_type or "application/octet-stream",
        headers=headers,
    )
