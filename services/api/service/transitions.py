"""What an event makes of a job: a pure function, in any order, any number of times.

Versions decide: the read model keeps the highest. A final status never changes; `canceling` gives
way only to a final one, and a result that came too late for that one leaves no assets. What is in
doubt is so only until something newer is said. Attempts are merged by number: what is known of an
attempt's end is never overwritten by news of its beginning; what it has cost may be known later.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.api.models import Ending, Job, Json, Status
from shared.events import (
    Attempt,
    CloudEvent,
    Deadline,
    MediaCanceled,
    MediaExpired,
    MediaFailed,
    MediaGenerated,
    MediaNeedsReconciliation,
    MediaReady,
    MediaRetrying,
    MediaStarted,
    Message,
    Resolution,
)
from shared.events.parts import rfc3339


def project(job: Job, event: CloudEvent) -> Job:
    """The job after `event`; the same object when the event says nothing new."""
    job = _with_attempt(job, getattr(event.data, "attempt", None))
    if job.status.final or event.data.version <= job.version:
        return job
    changes = _changes(event.data)
    if job.reconciliation is not None:
        changes = {"reconciliation": None, "failure": None, **changes}
    if job.status is Status.CANCELING and not changes.get("status", job.status).final:
        changes.pop("status", None)
    updated_at = max(job.updated_at, event.time)
    return replace(job, version=event.data.version, updated_at=updated_at, **changes)


def ending(event: CloudEvent) -> Ending | None:
    """What a final event makes of any job that has not ended; None of another event."""
    data: Any = event.data
    changes = _changes(data)
    if "finished_at" not in changes:
        return None
    attempt = data.attempt
    return Ending(
        job_id=data.job_id,
        status=changes["status"],
        version=data.version,
        time=event.time,
        finished_at=data.finished_at,
        assets=changes["assets"],
        failure=changes["failure"],
        attempt=_attempt(attempt) if attempt else None,
        started_at=attempt.started_at if attempt else None,
    )


def _changes(data: Message) -> dict[str, Any]:
    change = _CHANGES.get(type(data))
    return change(data) if change else {}


def _ready(data: Any) -> dict[str, Any]:
    return {
        "status": Status.READY,
        "assets": _assets(data),
        "failure": None,
        "finished_at": data.finished_at,
    }


def _parked(data: Any) -> dict[str, Any]:
    return {
        "status": Status.NEEDS_RECONCILIATION,
        "failure": data.failure.model_dump(mode="json"),
        "reconciliation": {
            "attempt": data.attempt.number,
            "provider": data.provider,
            "provider_job_id": data.provider_job_id,
            "since": rfc3339(data.since),
            "resolution": None,
        },
    }


def _failed(data: Any) -> dict[str, Any]:
    return {
        "status": Status.FAILED,
        "assets": (),
        "failure": data.failure.model_dump(mode="json"),
        "finished_at": data.finished_at,
    }


def _canceled(data: Any) -> dict[str, Any]:
    return {
        "status": Status.CANCELED,
        "assets": (),
        "failure": _failure("canceled", _sentence(data.reason)),
        "finished_at": data.finished_at,
    }


def _expired(data: Any) -> dict[str, Any]:
    return {
        "status": Status.EXPIRED,
        "assets": (),
        "failure": _failure("expired", _missed(data)),
        "finished_at": data.finished_at,
    }


_CHANGES: dict[type[Message], Callable[[Any], dict[str, Any]]] = {
    MediaStarted: lambda _: {"status": Status.RUNNING},
    MediaRetrying: lambda _: {"status": Status.RETRYING},
    MediaGenerated: lambda data: {"status": Status.RUNNING, "assets": _assets(data)},
    MediaNeedsReconciliation: _parked,
    MediaReady: _ready,
    MediaFailed: _failed,
    MediaCanceled: _canceled,
    MediaExpired: _expired,
}


def _assets(data: Any) -> tuple[Json, ...]:
    return tuple(asset.model_dump(mode="json", exclude_none=True) for asset in data.assets)


def _sentence(reason: str) -> str:
    return "It was canceled." if reason == "canceled" else reason


def _missed(data: MediaExpired) -> str:
    by = f", by {data.deadline_at:%Y-%m-%d %H:%M:%S} UTC" if data.deadline_at else ""
    if data.deadline is Deadline.TOTAL:
        return f"It had not come to its end within its total time-out{by}."
    return f"It had not started before its deadline to start{by}."


def _failure(code: str, message: str) -> Json:
    return {"code": code, "message": message, "retryable": False}


def _with_attempt(job: Job, attempt: Attempt | int | None) -> Job:
    if not isinstance(attempt, Attempt):
        return job
    known = {entry["number"]: entry for entry in job.attempts}
    before = known.get(attempt.number)
    if before is not None and before.get("ended_at") and attempt.cost and not before.get("cost"):
        known[attempt.number] = {**before, "cost": attempt.cost}
        return replace(job, attempts=tuple(known[number] for number in sorted(known)))
    if before is not None and (before.get("ended_at") or attempt.ended_at is None):
        return job
    known[attempt.number] = _attempt(attempt)
    return replace(
        job,
        attempts=tuple(known[number] for number in sorted(known)),
        started_at=_earliest(job.started_at, attempt.started_at),
    )


def _attempt(attempt: Attempt) -> Json:
    return attempt.model_dump(mode="json", exclude_none=True)


def _earliest(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)


def reconcile(job: Job, resolution: Resolution, now: datetime) -> Job:
    """The job once somebody has decided; what is given up stays as it is until it has failed."""
    assert job.reconciliation is not None, f"{job.status} needs no decision"
    if resolution is Resolution.FAIL:
        decided = {**job.reconciliation, "resolution": resolution.value}
        return replace(job, reconciliation=decided, updated_at=now)
    return replace(job, status=Status.RETRYING, failure=None, reconciliation=None, updated_at=now)


def request_cancel(job: Job, now: datetime) -> Job:
    """The job on its way to `canceled`; only one that has not come to its end."""
    assert not job.status.final, f"{job.status} never changes"
    return replace(job, status=Status.CANCELING, updated_at=now)
