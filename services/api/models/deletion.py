"""What is left of a job that was deleted, and how long what is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.api.models.job import Job, Status
from shared.events import DeletionReason


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That there was a job; nothing of what was asked for, and nothing of what came out."""

    id: UUID
    tenant: str
    generator: str
    status: Status
    created_at: datetime
    finished_at: datetime | None
    deleted_at: datetime
    reason: DeletionReason
    correlation_id: str
    deleted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept once it has ended; None: until somebody deletes it.

    `jobs` holds for requests that do not say it themselves (`expires_in`), `uploads` counts from
    their arrival, `tombstones` from the deletion.
    """

    jobs: timedelta | None = None
    uploads: timedelta | None = None
    tombstones: timedelta = timedelta(days=90)

    def expires_at(self, job: Job) -> datetime | None:
        """When the job is to be deleted, once that is known."""
        lasting = self.jobs if job.expires_in is None else timedelta(seconds=job.expires_in)
        if lasting is None or job.finished_at is None:
            return None
        return job.finished_at + lasting
