"""A job as JSON: what HTTP answers and what commands are answered with (routes/schemas: JobOut)."""

from datetime import datetime
from typing import Any

from services.api.models import Job, Status
from services.api.service.queries import JobView
from shared.clock import id_text
from shared.events import MediaProgressed
from shared.events.parts import rfc3339

_CANCELABLE = frozenset(
    {Status.QUEUED, Status.RUNNING, Status.RETRYING, Status.NEEDS_RECONCILIATION}
)
_RETRYABLE = frozenset({Status.FAILED, Status.CANCELED, Status.EXPIRED})
_SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})
SMALL = 512
"""Pixels: a picture that is no longer on any side is its own thumbnail."""


def job_json(view: JobView) -> dict[str, Any]:
    """A `JobOut`."""
    job = view.job
    job_id = id_text(job.id)
    created_at = rfc3339(job.created_at)
    answer: dict[str, Any] = {
        "id": job_id,
        "status": job.status.value,
        "tenant": job.tenant,
        "generator": job.generator,
        "priority": job.lane,
        "progress": _progress(view),
        "attempts": job.attempts,
        "cost": _cost(job) if job.attempts else None,
        "assets": _assets(job, job_id) if job.assets else [],
        "error": job.failure,
        "metadata": job.metadata,
        "input": job.input,
        "correlation_id": job.correlation_id,
        "created_at": created_at,
        "started_at": _moment(job.started_at),
        "finished_at": _moment(job.finished_at),
        "updated_at": created_at if job.updated_at is job.created_at else rfc3339(job.updated_at),
        "deadline_at": _moment(job.deadline_at),
        "finish_by": _moment(job.finish_by),
        "attempt_timeout_seconds": job.attempt_timeout_seconds,
        "total_timeout_seconds": job.total_timeout_seconds,
        "expires_in": job.expires_in,
        "expires_at": _moment(view.expires_at),
        "max_attempts": job.max_attempts,
        "retried_from": str(job.retried_from) if job.retried_from else None,
        "urls": _urls(job, job_id),
    }
    if job.status is Status.NEEDS_RECONCILIATION:
        answer["reconciliation"] = job.reconciliation
    if view.queue_position is not None:
        answer["queue_position"] = view.queue_position
    return answer


def _assets(job: Job, job_id: str) -> list[dict[str, Any]]:
    path = f"/v1/media/{job_id}"
    return [
        {**asset, "id": f"{job_id}/{index}", "url": f"{path}/assets/{index}"}
        for index, asset in enumerate(job.assets)
    ]


def _thumbnail(job: Job) -> int | None:
    """Which asset is the small picture; a primary one that is small itself needs no other."""
    small = None
    for index, asset in enumerate(job.assets):
        if asset["role"] == "thumbnail":
            return index
        if small is None and asset["role"] == "primary" and _is_small_picture(asset):
            small = index
    return small


def _is_small_picture(asset: dict[str, Any]) -> bool:
    width, height = asset.get("width"), asset.get("height")
    if not width or not height or max(width, height) > SMALL:
        return False
    return asset["media_type"] in _SHOWN


def _urls(job: Job, job_id: str) -> dict[str, str]:
    path = f"/v1/media/{job_id}"
    urls = {"self": path, "content": f"{path}/content"}
    if job.assets and (index := _thumbnail(job)) is not None:
        urls["thumbnail"] = f"{path}/assets/{index}"
    if job.status in _CANCELABLE:
        urls["cancel"] = f"{path}/cancel"
    if job.status is Status.NEEDS_RECONCILIATION:
        urls["reconcile"] = f"{path}/reconcile"
    if job.status in _RETRYABLE:
        urls["retry"] = f"{path}/retry"
    if job.status.final:
        urls["delete"] = path
    return urls


def _cost(job: Job) -> float | None:
    """What all its attempts have cost, in USD; None: nothing was charged."""
    costs = [cost for one in job.attempts if (cost := one.get("cost")) is not None]
    return round(sum(costs), 6) if costs else None


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
