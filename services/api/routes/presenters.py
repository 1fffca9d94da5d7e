"""Jobs, generators and dead letters as JSON (schemas.py says which)."""

from base64 import b64encode
from datetime import datetime
from typing import Any
from uuid import UUID

from services.api.models import AnnouncedGenerator, DeadLetter, Job, Status
from services.api.service.queries import JobView
from shared.events import MediaProgressed
from shared.events.parts import rfc3339

_CANCELABLE = frozenset({Status.QUEUED, Status.RUNNING, Status.RETRYING})


def job_json(view: JobView) -> dict[str, Any]:
    """A `JobOut`."""
    job = view.job
    answer: dict[str, Any] = {
        "id": str(job.id),
        "status": job.status.value,
        "tenant": job.tenant,
        "generator": job.generator,
        "priority": job.lane,
        "progress": _progress(view),
        "attempts": job.attempts,
        "assets": _assets(job),
        "error": job.failure,
        "metadata": job.metadata,
        "input": job.input,
        "correlation_id": job.correlation_id,
        "created_at": rfc3339(job.created_at),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "updated_at": rfc3339(job.updated_at),
        "deadline_at": _moment(job.deadline_at),
        "expires_in": job.expires_in,
        "max_attempts": job.max_attempts,
        "retried_from": str(job.retried_from) if job.retried_from else None,
        "urls": _urls(job),
    }
    if view.queue_position is not None:
        answer["queue_position"] = view.queue_position
    return answer


def job_path(job_id: UUID) -> str:
    """Where a job is."""
    return f"/v1/media/{job_id}"


def generator_json(generator: AnnouncedGenerator) -> dict[str, Any]:
    """A `GeneratorOut`."""
    return {
        "name": generator.name,
        "version": generator.version,
        "description": generator.description,
        "media_types": generator.media_types,
        "input_schema": generator.input_schema,
        "example": generator.example,
        "announced_at": rfc3339(generator.announced_at),
    }


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
        "size": len(letter.body),
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


def _assets(job: Job) -> list[dict[str, Any]]:
    path = job_path(job.id)
    return [{**asset, "url": f"{path}/assets/{index}"} for index, asset in enumerate(job.assets)]


def _urls(job: Job) -> dict[str, str]:
    path = job_path(job.id)
    urls = {"self": path, "content": f"{path}/content"}
    return {**urls, "cancel": f"{path}/cancel"} if job.status in _CANCELABLE else urls


def _progress(view: JobView) -> dict[str, Any] | None:
    progress: MediaProgressed | None = view.progress
    if view.job.status is Status.READY:
        return {"percent": 100.0, "message": None, "preview": None}
    if progress is None:
        return None
    return {
        "percent": progress.percent,
        "message": progress.message,
        "preview": progress.preview,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def _text_or_none(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
