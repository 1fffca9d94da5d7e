"""Looking at jobs."""

from dataclasses import dataclass
from uuid import UUID

from services.api.models import Job, JobFilter, Status
from services.api.service.live_progress import LiveProgress
from services.api.unit_of_work import OpenUnitOfWork
from shared.events import MediaProgressed

_IN_PROGRESS = frozenset({Status.RUNNING, Status.RETRYING, Status.CANCELING})


@dataclass(frozen=True, slots=True)
class JobView:
    """A job and what is known of it besides: progress, and how many are before it in its queue."""

    job: Job
    progress: MediaProgressed | None = None
    queue_position: int | None = None


class MediaQueryService:
    """Answers how jobs stand."""

    def __init__(self, unit_of_work: OpenUnitOfWork, live: LiveProgress) -> None:
        self._unit_of_work = unit_of_work
        self._live = live

    async def get(self, tenant: str, job_id: UUID) -> JobView:
        """Raises `MediaRequestNotFoundError`."""
        async with self._unit_of_work() as work:
            work.alone()
            job, ahead = await work.jobs.get_placed(tenant, job_id)
        return JobView(job, self._progress(job), ahead)

    async def list_by_tenant(self, wanted: JobFilter) -> list[JobView]:
        """Newest first."""
        async with self._unit_of_work() as work:
            work.alone()
            jobs = await work.jobs.list_by_tenant(wanted)
        return [self.view(job) for job in jobs]

    def view(self, job: Job) -> JobView:
        """A job with its progress; its place in the queue is not looked up."""
        return JobView(job, self._progress(job))

    def _progress(self, job: Job) -> MediaProgressed | None:
        return self._live.find(job.id) if job.status in _IN_PROGRESS else None
