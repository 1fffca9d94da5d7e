"""Looking at jobs."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.api.errors import MediaRequestNotFoundError
from services.api.models import Job, JobFilter, Place, Retention, Status
from services.api.service.backlog import Backlog
from services.api.service.live_progress import LiveProgress
from services.api.unit_of_work import OpenUnitOfWork
from shared.events import MediaProgressed

_IN_PROGRESS = frozenset({Status.RUNNING, Status.RETRYING, Status.CANCELING})


@dataclass(frozen=True, slots=True)
class JobView:
    """A job and what is known of it besides.

    How far it is, how many are before it in its queue, when it is deleted once it has ended.
    """

    job: Job
    progress: MediaProgressed | None = None
    queue_position: int | None = None
    expires_at: datetime | None = None


class MediaQueryService:
    """Answers how jobs stand."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        live: LiveProgress,
        retention: Retention,
        backlog: Backlog,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._backlog = backlog
        self._live = live
        self._retention = retention

    async def get(self, tenant: str, job_id: UUID) -> JobView:
        """Raises `MediaRequestNotFoundError`, `MediaDeletedError`."""
        try:
            async with self._unit_of_work() as work:
                work.alone()
                job, ahead = await work.jobs.get_placed(
                    tenant, job_id, among_own=self._backlog.is_shared
                )
        except MediaRequestNotFoundError:
            async with self._unit_of_work() as work:
                job, ahead = await work.jobs.get(tenant, job_id), None
        if ahead is not None and self._backlog.is_shared:
            ahead = self._backlog.ahead(Place(job.tenant, job.generator, job.lane), ahead)
        return replace(self.view(job), queue_position=ahead)

    async def list_by_tenant(self, wanted: JobFilter) -> list[JobView]:
        """Newest first."""
        async with self._unit_of_work() as work:
            work.alone()
            jobs = await work.jobs.list_by_tenant(wanted)
        return [self.view(job) for job in jobs]

    def view(self, job: Job) -> JobView:
        """A job with its progress; its place in the queue is not looked up."""
        return JobView(job, self._progress(job), expires_at=self._retention.expires_at(job))

    def _progress(self, job: Job) -> MediaProgressed | None:
        return self._live.find(job.id) if job.status in _IN_PROGRESS else None
