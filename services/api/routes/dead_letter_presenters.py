"""Dead letters as JSON (dead_letter_schemas.py says which)."""

from base64 import b64encode
from typing import Any

from services.api.models import DeadLetter, DeadLetterGroup
from services.api.service.replaying import ReplayReport
from shared.events.parts import rfc3339
from shared.problem import problem_of


def dead_letter_summary(letter: DeadLetter) -> dict[str, Any]:
    """A `DeadLetterSummary`."""
    return {
        "id": str(letter.id),
        "received_at": rfc3339(letter.received_at),
        "queue": letter.queue,
        "error_class": letter.error_class,
        "error_code": letter.error_code,
        "error_message": letter.error_message,
        "message_id": letter.message_id,
        "type": letter.type,
        "exchange": letter.exchange,
        "routing_key": letter.routing_key,
        "content_type": letter.content_type,
        "correlation_id": letter.correlation_id,
        "reply_to": letter.reply_to,
        "sender": letter.sender,
        "size": letter.size,
        "replayed_at": rfc3339(letter.replayed_at) if letter.replayed_at else None,
        "replays": letter.replays,
    }


def dead_letter_json(letter: DeadLetter) -> dict[str, Any]:
    """A `DeadLetterOut`."""
    return {
        **dead_letter_summary(letter),
        "stack": letter.stack,
        "headers": letter.headers,
        "body": _text_or_none(letter.body),
        "body_base64": b64encode(letter.body).decode(),
    }


def dead_letter_group(group: DeadLetterGroup) -> dict[str, Any]:
    """A `DeadLetterGroupOut`."""
    return {
        "queue": group.queue,
        "error_class": group.error_class,
        "error_code": group.error_code,
        "count": group.count,
        "first_received_at": rfc3339(group.first_received_at),
        "last_received_at": rfc3339(group.last_received_at),
    }


def replay_json(report: ReplayReport) -> dict[str, Any]:
    """A `ReplayOut`."""
    return {
        "replayed": report.replayed,
        "failed": [
            {"id": str(letter_id), "problem": problem_of(error)}
            for letter_id, error in report.failed
        ],
        "remaining": report.remaining,
    }


def _text_or_none(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
