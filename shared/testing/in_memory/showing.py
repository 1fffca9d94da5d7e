"""Jobs in memory as the api shows them: docs/openapi.json has the shapes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.events.parts import rfc3339
from shared.testing.in_memory.job import DEFAULT_ATTEMPTS, InMemoryJob

_CANCELABLE = frozenset({"queued", "running", "retrying"})
_RETRYABLE = frozenset({"failed", "canceled", "expired"})


def job_json(job: InMemoryJob, tenant: str) -> dict[str, Any]:
    """A job as `GET /v1/media/{id}` answers it."""
    spec = job.spec
    return {
        "id": str(job.id),
        "status": job.status,
        "tenant": tenant,
        "generator": spec.generator,
        "priority": spec.priority.value,
        "progress": job.progress,
        "attempts": [one.model_dump(mode="json", exclude_none=True) for one in job.attempts],
        "cost": None,
        "assets": _assets(job),
        "error": job.failure.model_dump(mode="json") if job.failure else None,
        "metadata": spec.metadata,
        "input": spec.input,
        "correlation_id": job.correlation_id,
        "created_at": rfc3339(job.created_at),
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "updated_at": rfc3339(job.updated_at or job.created_at),
        "deadline_at": _moment(job.created_at, spec.deadline_seconds),
        "finish_by": _moment(job.created_at, spec.total_timeout_seconds),
        "attempt_timeout_seconds": spec.attempt_timeout_seconds,
        "total_timeout_seconds": spec.total_timeout_seconds,
        "expires_in": spec.expires_in,
        "expires_at": _moment(job.finished_at, spec.expires_in) if job.finished_at else None,
        "max_attempts": spec.max_attempts or DEFAULT_ATTEMPTS,
        "retried_from": str(job.retried_from) if job.retried_from else None,
        "urls": _urls(job),
    }


def as_accepted(shown: dict[str, Any]) -> dict[str, Any]:
    """The job as it was when it was accepted, whatever has become of it since."""
    path = shown["urls"]["self"]
    return {
        **shown,
        "status": "queued",
        "progress": None,
        "attempts": [],
        "assets": [],
        "error": None,
        "started_at": None,
        "finished_at": None,
        "updated_at": shown["created_at"],
        "expires_at": None,
        "urls": {"self": path, "content": f"{path}/content", "cancel": f"{path}/cancel"},
    }


def page(items: Sequence[dict[str, Any]], limit: int, cursor: str | None) -> dict[str, Any]:
    """A part of a list; a cursor is the id of the last one that was shown."""
    ids = [item["id"] for item in items]
    start = ids.index(cursor) + 1 if cursor in ids else 0
    shown = list(items[start : start + limit])
    more = len(items) > start + limit
    return {"items": shown, "next_cursor": shown[-1]["id"] if more else None}


def _assets(job: InMemoryJob) -> list[dict[str, Any]]:
    path = f"/v1/media/{job.id}"
    return [
        {
            **file.asset.model_dump(mode="json", exclude_none=True),
            "id": f"{job.id}/{index}",
            "url": f"{path}/assets/{index}",
        }
        for index, file in enumerate(job.files)
    ]


def _urls(job: InMemoryJob) -> dict[str, str]:
    path = f"/v1/media/{job.id}"
    urls = {"self": path, "content": f"{path}/content"}
    if job.status in _CANCELABLE:
        urls["cancel"] = f"{path}/cancel"
    if job.status in _RETRYABLE:
        urls["retry"] = f"{path}/retry"
    if job.is_final:
        urls["delete"] = path
    return urls


def _moment(moment: datetime | None, seconds: int | None = 0) -> str | None:
    if moment is None or seconds is None:
        return None
    return rfc3339(moment + timedelta(seconds=seconds))
