"""What the api itself says about a job after its request: into the event log and the outbox."""

from collections.abc import Callable, Iterable
from datetime import datetime

from services.api.models import Job
from services.api.repository.projection import LoggedEvent
from services.api.service.drafting import SOURCE
from services.api.unit_of_work import ApiUnitOfWork
from shared.events import (
    CloudEvent,
    Deadline,
    MediaCancelRequested,
    MediaDeadlinePassed,
    MediaReconciled,
    Origin,
    Resolution,
    Webhook,
    announce,
    encode,
)

Wish = MediaCancelRequested | MediaDeadlinePassed | MediaReconciled


def cancel_requested(job: Job) -> MediaCancelRequested:
    """Somebody wants it stopped."""
    return MediaCancelRequested(
        job_id=job.id,
        generator=job.generator,
        metadata=job.metadata,
        webhook=_webhook(job),
        requested_at=job.updated_at,
    )


def start_deadline_passed(job: Job) -> MediaDeadlinePassed:
    """It was to start by now."""
    return _deadline_passed(job, Deadline.START, job.deadline_at)


def total_deadline_passed(job: Job) -> MediaDeadlinePassed:
    """It was to have come to its end by now."""
    return _deadline_passed(job, Deadline.TOTAL, job.finish_by)


def _deadline_passed(job: Job, deadline: Deadline, moment: datetime | None) -> MediaDeadlinePassed:
    assert moment is not None, "only jobs with a deadline can miss it"
    return MediaDeadlinePassed(
        job_id=job.id,
        generator=job.generator,
        metadata=job.metadata,
        webhook=_webhook(job),
        deadline_at=moment,
        deadline=deadline,
    )


def reconciled(
    job: Job,
    *,
    attempt: int,
    resolution: Resolution,
    provider_job_id: str | None,
    reason: str | None,
) -> MediaReconciled:
    """Somebody has decided what becomes of it."""
    return MediaReconciled(
        job_id=job.id,
        generator=job.generator,
        metadata=job.metadata,
        webhook=_webhook(job),
        attempt=attempt,
        resolution=resolution,
        provider_job_id=provider_job_id,
        reason=reason,
        reconciled_at=job.updated_at,
    )


async def say(
    work: ApiUnitOfWork,
    wish: Callable[[Job], Wish],
    jobs: Iterable[Job],
    time: datetime,
    cause: str | None = None,
) -> None:
    """Say `wish` of each of the jobs, in the transaction that decides it.

    `cause`: the id of the command that wished it.
    """
    said = [(job, _event(job, wish(job), time, cause)) for job in jobs]
    await work.projection.log(
        [LoggedEvent.of(event, job.id, encode(event).decode()) for job, event in said]
    )
    await work.outbox.add(event for _, event in said)


def _event(job: Job, wish: Wish, time: datetime, cause: str | None) -> CloudEvent:
    origin = Origin(tenant=job.tenant, correlationid=job.correlation_id, causationid=cause)
    return announce(wish, source=SOURCE, time=time, origin=origin)


def _webhook(job: Job) -> Webhook | None:
    return Webhook.model_validate(job.webhook) if job.webhook else None
