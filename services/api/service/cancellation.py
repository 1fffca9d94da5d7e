"""Canceling: the wish is recorded and announced; the generator stops it, the notifier closes it."""

from uuid import UUID

from services.api.errors import AlreadyFinalError
from services.api.models import Job, Status
from services.api.service.transitions import request_cancel
from services.api.service.wishes import cancel_requested, say
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock


class CancellationService:
    """Records that a media request is no longer wanted."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def cancel(self, tenant: str, job_id: UUID) -> Job:
        """The job, `canceling` or `canceled`. Asking again changes nothing.

        Raises `MediaRequestNotFoundError`, `MediaDeletedError`, `AlreadyFinalError`.
        """
        async with self._unit_of_work() as work:
            job = (await work.projection.lock([job_id])).get(job_id)
            if job is None or job.tenant != tenant:
                job = await work.jobs.get(tenant, job_id)
            if job.status in {Status.CANCELING, Status.CANCELED}:
                return job
            if job.status.final:
                raise AlreadyFinalError(
                    f"The media request is {job.status.value} and cannot be canceled.",
                    extra={"job_status": job.status.value},
                )
            canceling = request_cancel(job, self._clock.now())
            await work.projection.update([canceling])
            await say(work, cancel_requested, [canceling], canceling.updated_at)
            return canceling
