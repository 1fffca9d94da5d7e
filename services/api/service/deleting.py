"""Deleting jobs and uploads: because somebody asks, or because their time is over.

The rows go at once, and with them everything that refers to the files; `collecting` takes away the
bytes that nobody refers to any more. The other services are told by `media.deleted`.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from services.api.errors import StillRunningError
from services.api.metrics import RetentionMetrics
from services.api.models import Retention, Tombstone
from services.api.repository.projection import LoggedEvent
from services.api.service.drafting import SOURCE
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.events import (
    CloudEvent,
    DeletionReason,
    MediaDeleted,
    Origin,
    announce,
    encode,
)

BATCH = 500
NIL = UUID(int=0)

log = structlog.get_logger(__name__)


class DeletionService:
    """Deletes, and says so. What nobody waits for has a `patient` unit of work."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        patient: OpenUnitOfWork,
        clock: Clock,
        metrics: RetentionMetrics,
        retention: Retention,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._patient = patient
        self._clock = clock
        self._metrics = metrics
        self._retention = retention

    async def delete(self, tenant: str, job_id: UUID, by: str | None = None) -> None:
        """Delete a job that has ended; deleting it again changes nothing.

        It is written down `by` whom.
        Raises `MediaRequestNotFoundError`, `StillRunningError`.
        """
        async with self._unit_of_work() as work:
            job = (await work.projection.lock([job_id])).get(job_id)
            if job is None or job.tenant != tenant:
                if await work.jobs.find_tombstone(tenant, job_id) is None:
                    await work.jobs.get(tenant, job_id)
                return
            if not job.status.final:
                raise StillRunningError(
                    f"The media request is {job.status.value}: cancel it first, or wait.",
                    extra={"job_status": job.status.value},
                )
            deleted = await self._delete(work, [job_id], DeletionReason.REQUESTED, by)
        self._metrics.deleted(DeletionReason.REQUESTED, len(deleted))

    async def list_by_tenant(
        self, tenant: str, limit: int, before: UUID | None = None
    ) -> list[Tombstone]:
        """What is left of those that were deleted, newest requests first."""
        async with self._unit_of_work() as work:
            work.alone()
            return await work.deletions.list_by_tenant(tenant, limit, before)

    async def sweep(self) -> None:
        """Delete whatever is over, a batch at a time. Safe in many processes at once."""
        now = self._clock.now()
        jobs = await self._repeat(lambda: self._delete_expired(now))
        if self._retention.jobs is not None:
            jobs += await self._delete_old(now - self._retention.jobs)
        self._metrics.deleted(DeletionReason.EXPIRED, jobs)
        uploads = 0
        if (lasting := self._retention.uploads) is not None:
            uploads = await self._repeat(lambda: self._delete_uploads(now - lasting))
            self._metrics.uploads_deleted(uploads)
        await self._repeat(lambda: self._purge(now - self._retention.tombstones))
        if jobs or uploads:
            log.info("retention.swept", jobs=jobs, uploads=uploads)

    async def _repeat(self, once: Callable[[], Awaitable[int]]) -> int:
        """Batches until one is not full. Answers how many in all."""
        total = 0
        while True:
            count = await once()
            total += count
            if count < BATCH:
                return total

    async def _delete_expired(self, now: datetime) -> int:
        async with self._patient() as work:
            ids = await work.deletions.lock_expired(now, BATCH)
            return len(await self._delete(work, ids, DeletionReason.EXPIRED))

    async def _delete_old(self, before: datetime) -> int:
        total, after = 0, NIL
        while True:
            async with self._patient() as work:
                ids = await work.deletions.lock_ended_before(before, BATCH, after)
                total += len(await self._delete(work, ids, DeletionReason.EXPIRED))
            if len(ids) < BATCH:
                return total
            after = ids[-1]

    async def _delete_uploads(self, before: datetime) -> int:
        async with self._patient() as work:
            return await work.uploads.delete_before(before, BATCH)

    async def _purge(self, before: datetime) -> int:
        async with self._patient() as work:
            return await work.deletions.purge(before, BATCH)

    async def _delete(
        self,
        work: ApiUnitOfWork,
        ids: Sequence[UUID],
        reason: DeletionReason,
        by: str | None = None,
    ) -> list[Tombstone]:
        """Delete them, and say so in the same transaction; the log begins anew with that."""
        if not ids:
            return []
        now = self._clock.now()
        left = await work.deletions.delete(ids, reason, now, by)
        said = [(one, _deleted(one)) for one in left]
        await work.projection.log(
            [LoggedEvent.of(event, one.id, encode(event).decode()) for one, event in said]
        )
        await work.outbox.add(event for _, event in said)
        return left


def _deleted(left: Tombstone) -> CloudEvent:
    data = MediaDeleted(
        job_id=left.id,
        generator=left.generator,
        reason=left.reason,
        deleted_at=left.deleted_at,
    )
    origin = Origin(tenant=left.tenant, correlationid=left.correlation_id)
    return announce(data, source=SOURCE, time=left.deleted_at, origin=origin)
