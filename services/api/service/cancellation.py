"""Canceling: the wish is recorded and announced; the generator stops it, the notifier closes it."""

from uuid import UUID

from services.api.errors import AlreadyFinalError, MediaRequestNotFoundError
from services.api.models import Job, Status
from services.api.repository.projection import LoggedEvent
from services.api.service.requests import SOURCE
from services.api.service.transitions import request_cancel
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.events import CloudEvent, MediaCancelRequested, Origin, Webhook, announce, encode


class CancellationService:
    """Records that a media request is no longer wanted."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def cancel(self, tenant: str, job_id: UUID) -> Job:
        """The job, `canceling` or `canceled`. Asking again changes nothing.

        Raises `MediaRequestNotFoundError`, `AlreadyFinalError`.
        """
        async with self._unit_of_work() as work:
            job = (await work.projection.lock([job_id])).get(job_id)
            if job is None or job.tenant != tenant:
                raise MediaRequestNotFoundError(f"There is no media request {job_id}.")
            if job.status in {Status.CANCELING, Status.CANCELED}:
                return job
            if job.status.final:
                raise AlreadyFinalError(
                    f"The media request is {job.status.value} and cannot be canceled.",
                    extra={"job_status": job.status.value},
                )
            return await self._record(work, request_cancel(job, self._clock.now()))

    async def _record(self, work: ApiUnitOfWork, job: Job) -> Job:
        event = _cancel_requested(job)
        await work.projection.update([job])
        await work.projection.log([_line(job, event)])
        await work.outbox.add([event])
        return job


def _cancel_requested(job: Job) -> CloudEvent:
    return announce(
        MediaCancelRequested(
            job_id=job.id,
            generator=job.generator,
            metadata=job.metadata,
            webhook=Webhook.model_validate(job.webhook) if job.webhook else None,
            requested_at=job.updated_at,
        ),
        source=SOURCE,
        time=job.updated_at,
        origin=Origin(tenant=job.tenant, correlationid=job.correlation_id),
    )


def _line(job: Job, event: CloudEvent) -> LoggedEvent:
    return LoggedEvent(
        event_id=event.id,
        job_id=job.id,
        tenant=job.tenant,
        type=event.type,
        version=event.data.version,
        time=event.time,
        body=encode(event).decode(),
    )
