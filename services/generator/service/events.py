"""Every event this service says about a job, in its envelope."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.generator.errors import BadOutputError
from services.generator.models import BegunJob, Brief, Cause, ClaimedJob, StoppedJob
from shared.clock import derived_name, id_text
from shared.events import (
    Asset,
    Attempt,
    CloudEvent,
    Failure,
    MediaCostSettled,
    MediaDeadlineMet,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaNeedsReconciliation,
    MediaProgressed,
    MediaRetrying,
    MediaStarted,
    Outcome,
    announce,
)
from shared.events.media import Passed
from shared.events.parts import Part, rfc3339
from shared.events.routing import stem
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing

SOURCE = "/darkroom/generator"
WORKER_LOST = Failure(
    code="worker_lost",
    message="The worker that made it was not heard of any more.",
    retryable=True,
)


def started(job: ClaimedJob, attempt: Attempt, now: datetime) -> CloudEvent:
    """The attempt has lasted long enough to be worth a word."""
    return _say(
        MediaStarted(**_about(job.id, job.generator, job.brief), attempt=attempt), job.brief, now
    )


def progressed(
    job: ClaimedJob, percent: float | None, message: str | None, now: datetime
) -> CloudEvent:
    """How far it is; `percent` is brought into 0-100."""
    bounded = None if percent is None else min(100.0, max(0.0, percent))
    data = MediaProgressed(
        job_id=job.id,
        generator=job.generator,
        attempt=job.attempt,
        percent=bounded,
        message=message,
    )
    return announce(data, source=SOURCE, time=now, origin=job.brief.origin)


def generated(
    job: ClaimedJob, worker: str, assets: tuple[Asset, ...], ended_at: datetime, now: datetime
) -> Outgoing:
    """The assets are stored: `MediaGenerated`, ready to be published.

    It is said of every job, so it is written down as it is, without the models in between.
    Raises `BadOutputError` where the generator wants something told that cannot be.
    """
    brief, job_id = job.brief, id_text(job.id)
    data: dict[str, Any] = {
        "job_id": job_id,
        "generator": job.generator,
        "metadata": brief.metadata,
    }
    if brief.webhook is not None:
        data["webhook"] = _said(brief.webhook)
    data["attempt"] = {
        "number": job.attempt,
        "worker": worker,
        "backend": job.backend,
        "started_at": _moment(job.started_at),
        "ended_at": _moment(ended_at),
        "outcome": "succeeded",
    }
    if job.bill.cost is not None:
        data["attempt"]["cost"] = job.bill.cost
    data["assets"] = [_said(asset) for asset in assets]
    return _written(MediaGenerated.type_name, job, job_id, data, now)


def _written(
    type_name: str, job: ClaimedJob, job_id: str, data: dict[str, Any], now: datetime
) -> Outgoing:
    """What `outgoing` makes of an event with this `data` about an attempt."""
    origin = job.brief.origin
    event_id = derived_name(f"{job_id}:{type_name}:{job.attempt}")
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": event_id,
        "type": type_name,
        "source": SOURCE,
        "subject": job_id,
        "time": _moment(now),
        "datacontenttype": "application/json",
        "tenant": origin.tenant,
    }
    for name in ("correlationid", "causationid", "traceparent"):
        if (value := getattr(origin, name)) is not None:
            event[name] = value
    event["data"] = data
    try:
        body = orjson.dumps(event, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC)
    except TypeError as error:
        raise BadOutputError(f"The result cannot be told: {error}.") from error
    key = f"{stem(type_name)}.{job.generator}"
    correlation_id = origin.correlationid
    return Outgoing(topology.EVENTS, key, body, event_id, type_name, now, correlation_id)


def _moment(moment: datetime) -> datetime | str:
    """As it is written: by itself, unless it would leave out its microseconds."""
    return moment if moment.microsecond else rfc3339(moment)


def _said(part: Part) -> dict[str, Any]:
    """The part without what it does not say."""
    return {name: value for name, value in part.__dict__.items() if value is not None}


def retrying(
    job: ClaimedJob, attempt: Attempt, failure: Failure, next_at: datetime, now: datetime
) -> CloudEvent:
    """Another attempt will follow."""
    about = _about(job.id, job.generator, job.brief)
    data = MediaRetrying(**about, attempt=attempt, failure=failure, next_attempt_at=next_at)
    return _say(data, job.brief, now)


def needs_reconciliation(
    job: ClaimedJob, attempt: Attempt, failure: Failure, now: datetime
) -> CloudEvent:
    """Nobody knows whether a provider has taken it; somebody has to look."""
    ordered = job.ordered
    data = MediaNeedsReconciliation(
        **_about(job.id, job.generator, job.brief),
        attempt=attempt,
        failure=failure,
        provider=attempt.backend,
        provider_job_id=None if ordered is None else ordered.id,
        since=attempt.ended_at or now,
    )
    return _say(data, job.brief, now)


def failed(
    job: ClaimedJob | StoppedJob, attempt: Attempt | None, failure: Failure, now: datetime
) -> CloudEvent:
    """No other attempt will follow."""
    about = _about(job.id, job.generator, job.brief)
    return _say(MediaGenerationFailed(**about, attempt=attempt, failure=failure), job.brief, now)


def canceled(
    job: ClaimedJob | StoppedJob, attempt: Attempt | None, now: datetime, cause: Cause
) -> CloudEvent:
    """It was stopped, or will never start."""
    about = _about(job.id, job.generator, job.brief)
    data = MediaGenerationCanceled(
        **about, attempt=attempt, reason=cause.reason, deadline=cause.deadline
    )
    return _say(data, job.brief, now)


def cost_settled(job: StoppedJob, now: datetime) -> CloudEvent:
    """What its attempt had ordered has cost something, as is known now that it was called off."""
    assert job.attempt is not None, "an order is of an attempt"
    about = _about(job.id, job.generator, job.brief)
    return _say(MediaCostSettled(**about, attempt=job.attempt), job.brief, now)


def deadline_met(job: BegunJob, now: datetime) -> CloudEvent:
    """A deadline to start came too late: it has begun, and goes on."""
    return _say(MediaDeadlineMet(**_about(job.id, job.generator, job.brief)), job.brief, now)


def taken_over(job: ClaimedJob, now: datetime) -> CloudEvent | None:
    """The attempt before this one was lost; None when it was not."""
    if job.lost is None:
        return None
    attempt = Attempt(
        number=job.lost.number,
        worker=job.lost.worker,
        backend=job.lost.backend,
        started_at=job.lost.started_at,
        ended_at=now,
        outcome=Outcome.LOST,
        failure=WORKER_LOST,
    )
    return retrying(job, attempt, WORKER_LOST, job.started_at, now)


def _about(job_id: UUID, generator: str, brief: Brief) -> dict[str, object]:
    return {
        "job_id": job_id,
        "generator": generator,
        "metadata": brief.metadata,
        "webhook": brief.webhook,
    }


def _say(data: Passed, brief: Brief, now: datetime) -> CloudEvent:
    return announce(data, source=SOURCE, time=now, origin=brief.origin)
