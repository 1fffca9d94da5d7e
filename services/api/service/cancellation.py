"""Canceling: the wish is recorded and announced; the generator stops it, the notifier closes it."""

from hashlib import sha256
from uuid import UUID

from services.api.errors import AlreadyFinalError
from services.api.models import Job, KeyUse, Status
from services.api.service.drafting import KEYS_LAST
from services.api.service.submission import Answer
from services.api.service.transitions import request_cancel
from services.api.service.wishes import cancel_requested, say
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.events import MediaCancelRequested, decode


class CancellationService:
    """Records that a media request is no longer wanted."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def cancel(
        self,
        tenant: str,
        job_id: UUID,
        *,
        cause: str | None = None,
        answer: Answer | None = None,
    ) -> Job:
        """The job, `canceling` or `canceled`. Asking again changes nothing.

        `cause` is the id of the command that asks: one that comes again after the job's end is
        told how it ended. `answer` is what is sent to whoever asked, in the same transaction.
        Raises `MediaRequestNotFoundError`, `MediaDeletedError`, `AlreadyFinalError`.
        """
        async with self._unit_of_work() as work:
            job = (await work.projection.lock([job_id])).get(job_id)
            if job is None or job.tenant != tenant:
                job = await work.jobs.get(tenant, job_id)
            job = await self._canceled(work, job, cause)
            if answer is not None:
                await work.outbox.send([answer(job)])
            return job

    async def _canceled(self, work: ApiUnitOfWork, job: Job, cause: str | None) -> Job:
        if job.status is Status.CANCELED:
            return job
        if job.status is Status.CANCELING:
            if cause is not None:
                await work.acceptance.remember(job, self._key(job, cause))
            return job
        if job.status.final:
            if cause is not None and await self._was_wished(work, job, cause):
                return job
            raise AlreadyFinalError(
                f"The media request is {job.status.value} and cannot be canceled.",
                extra={"job_status": job.status.value},
            )
        canceling = request_cancel(job, self._clock.now())
        await work.projection.update([canceling])
        await say(work, cancel_requested, [canceling], canceling.updated_at, cause)
        return canceling

    async def _was_wished(self, work: ApiUnitOfWork, job: Job, cause: str) -> bool:
        """Whether that very command wanted it canceled, before it ended in another way.

        The first to want it is in the event log; of others a key is kept for a day.
        """
        logged = await work.projection.find_logged(job.id, MediaCancelRequested.type_name)
        if logged is None:
            return False
        if decode(logged.encode()).causationid == cause:
            return True
        key = (job.tenant, self._key(job, cause).key)
        return key in await work.acceptance.find_earlier([key])

    def _key(self, job: Job, cause: str) -> KeyUse:
        name = sha256(cause.encode()).hexdigest()
        return KeyUse(f"cancel:{job.id}:{name}", "", self._clock.now() + KEYS_LAST)
