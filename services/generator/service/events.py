"""Every event this service says about a job, in its envelope."""

from datetime import datetime
from uuid import UUID

from services.generator.models import BegunJob, Brief, Cause, ClaimedJob, StoppedJob
from shared.events import (
    Asset,
    Attempt,
    CloudEvent,
    Failure,
    MediaDeadlineMet,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaProgressed,
    MediaRetrying,
    MediaStarted,
    Outcome,
    announce,
)
from shared.events.media import Passed

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
    job: ClaimedJob, attempt: Attempt, assets: tuple[Asset, ...], now: datetime
) -> CloudEvent:
    """The assets are stored."""
    about = _about(job.id, job.generator, job.brief)
    return _say(MediaGenerated(**about, attempt=attempt, assets=assets), job.brief, now)


def retrying(
    job: ClaimedJob, attempt: Attempt, failure: Failure, next_at: datetime, now: datetime
) -> CloudEvent:
    """Another attempt will follow."""
    about = _about(job.id, job.generator, job.brief)
    data = MediaRetrying(**about, attempt=attempt, failure=failure, next_attempt_at=next_at)
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
