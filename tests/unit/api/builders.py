"""What the api's tests are made of: jobs, requests on their way in, dead letters."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.api.models import AnnouncedGenerator, DeadLetter, Job, KeyUse, NewRequest, Upload
from services.api.service.projection import ReceivedEvent
from services.api.service.submission import Submission
from shared.clock import uuid7
from shared.events import MediaRequested, Message, Origin, RequestSpec, announce, encode
from shared.testing import MOMENT, a_generator_announced, an_event

CARD = {"title": "Pictures that arrive"}


def a_job(**changes: Any) -> Job:
    """A card that was just accepted."""
    values: dict[str, Any] = {
        "id": uuid7(),
        "tenant": "default",
        "generator": "card",
        "lane": "interactive",
        "input": CARD,
        "created_at": MOMENT,
        "updated_at": MOMENT,
        "correlation_id": "a-correlation",
        "max_attempts": 5,
    }
    return Job(**{**values, **changes})


def a_new_request(
    key: str | None = None,
    fingerprint: str = "print",
    key_expires_at: datetime | None = None,
    **changes: Any,
) -> NewRequest:
    """A job on its way into the database; its key is good for an hour."""
    job = a_job(**changes)
    requested = announce(
        MediaRequested(
            job_id=job.id,
            generator=job.generator,
            input=job.input,
            requested_at=job.created_at,
        ),
        source="/tests",
        time=job.created_at,
        origin=Origin(tenant=job.tenant, correlationid=job.correlation_id),
    )
    expires_at = key_expires_at or datetime.now(UTC) + timedelta(hours=1)
    return NewRequest(job, requested, KeyUse(key, fingerprint, expires_at) if key else None)


def a_submission(key: str | None = None, tenant: str = "default", **spec: Any) -> Submission:
    """A request for a card."""
    wanted = {"generator": "card", "input": CARD, **spec}
    return Submission(RequestSpec.model_validate(wanted), Origin(tenant=tenant), key)


def an_upload(**changes: Any) -> Upload:
    """A picture that somebody brought along."""
    values: dict[str, Any] = {
        "id": uuid7(),
        "tenant": "default",
        "sha256": "ab" * 32,
        "media_type": "image/png",
        "size": 6,
        "created_at": MOMENT,
    }
    return Upload(**{**values, **changes})


def an_announced_generator(**changes: Any) -> AnnouncedGenerator:
    """The generator of cards."""
    data = a_generator_announced()
    values: dict[str, Any] = {
        "name": data.name,
        "version": data.generator_version,
        "description": data.description,
        "input_schema": data.input_schema,
        "media_types": data.media_types,
        "example": data.example,
        "announced_at": data.announced_at,
    }
    return AnnouncedGenerator(**{**values, **changes})


def received(data: Message) -> ReceivedEvent:
    """An event as the subscriber hands it on."""
    event = an_event(data)
    return ReceivedEvent(event, encode(event).decode())


def a_dead_letter(**changes: Any) -> DeadLetter:
    """Rubbish of `api.progress`."""
    values: dict[str, Any] = {
        "id": uuid7(),
        "received_at": MOMENT,
        "queue": "api.progress",
        "error_class": "UndecodableMessageError",
        "error_code": "undecodable_message",
        "error_message": "not JSON",
        "stack": "",
        "message_id": "",
        "type": "",
        "exchange": "media.events",
        "routing_key": "media.ready.card",
        "content_type": "",
        "correlation_id": "",
        "headers": {"a": 1},
        "body": b"\x00rubbish",
    } | changes
    return DeadLetter(**{"size": len(values["body"]), **values})
