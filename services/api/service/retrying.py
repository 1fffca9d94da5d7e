"""Trying again what did not become ready: a new job that says which one it repeats."""

from dataclasses import replace
from uuid import UUID

from services.api.errors import AlreadyReadyError, NotFinalError
from services.api.models import Job, Status
from services.api.service.requests import MediaRequestService
from services.api.service.submission import Accepted, Submission
from services.api.unit_of_work import OpenUnitOfWork
from shared.events import Lane, Origin, RequestSpec, Webhook

_MOST_ATTEMPTS = 20
"""What a request may ask for; a default may be more."""


class RetryService:
    """Asks once more for what a job asked for."""

    def __init__(self, unit_of_work: OpenUnitOfWork, requests: MediaRequestService) -> None:
        self._unit_of_work = unit_of_work
        self._requests = requests

    async def retry(self, job_id: UUID, origin: Origin, key: str | None) -> Accepted:
        """The new job: same input, metadata, webhook, priority and limits, checked again.

        Raises `MediaRequestNotFoundError`, `NotFinalError`, `AlreadyReadyError`, and what
        `MediaRequestService.submit_exclusively` raises.
        """
        async with self._unit_of_work() as work:
            job = await work.jobs.get(origin.tenant, job_id)
        if not job.status.final:
            raise NotFinalError(
                f"The media request is {job.status.value}: it can be retried when it has ended.",
                extra={"job_status": job.status.value},
            )
        if job.status is Status.READY:
            raise AlreadyReadyError
        origin = replace(origin, correlationid=origin.correlationid or job.correlation_id)
        submission = Submission(_spec_of(job), origin, key, retried_from=job.id)
        return await self._requests.submit_exclusively(submission)


def _spec_of(job: Job) -> RequestSpec:
    """What was asked for when the job was requested."""
    to_start = job.deadline_at - job.created_at if job.deadline_at else None
    return RequestSpec(
        generator=job.generator,
        input=job.input,
        metadata=job.metadata,
        webhook=Webhook.model_validate(job.webhook) if job.webhook else None,
        priority=Lane(job.lane),
        deadline_seconds=round(to_start.total_seconds()) if to_start else None,
        attempt_timeout_seconds=job.attempt_timeout_seconds,
        total_timeout_seconds=job.total_timeout_seconds,
        max_attempts=job.max_attempts if job.max_attempts <= _MOST_ATTEMPTS else None,
        expires_in=job.expires_in,
    )
