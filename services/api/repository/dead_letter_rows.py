"""Between rows and dead letters, and the SQL of a selection of them."""

from collections.abc import Mapping
from typing import Any

from services.api.models import DeadLetter, DeadLetterFilter
from services.api.repository.filters import conditions_for

TEXTS = (
    "queue",
    "error_class",
    "error_code",
    "error_message",
    "stack",
    "message_id",
    "type",
    "exchange",
    "routing_key",
    "content_type",
    "correlation_id",
    "reply_to",
    "sender",
)
KEPT = f"id, received_at, {', '.join(TEXTS)}, headers"
LETTER = f"seq, {KEPT}, replayed_at, replays, octet_length(body) AS size, body"
LETTER_WITHOUT_BODY = LETTER.removesuffix("body") + "''::bytea AS body"

_CONDITIONS = {
    "before": "seq < :before",
    "after": "seq > :after",
    "queue": "queue = :queue",
    "error_class": "error_class = :error_class",
    "error_code": "error_code = :error_code",
    "type": "type = :type",
    "received_before": "received_at < :received_before",
}
_REPLAYED = {True: "replayed_at IS NOT NULL", False: "replayed_at IS NULL"}


def selected(wanted: DeadLetterFilter) -> tuple[str, dict[str, Any]]:
    """SQL that holds for the letters that are wanted, and what it binds (without `limit`)."""
    always = () if wanted.replayed is None else (_REPLAYED[wanted.replayed],)
    return conditions_for(wanted, _CONDITIONS, *always)


def letter_from(row: Mapping[str, Any]) -> DeadLetter:
    """The dead letter that a row of `LETTER` holds."""
    return DeadLetter(**{**row, "body": bytes(row["body"])})
