"""The overflow in memory: what is called out of it is said once more."""

from collections.abc import Sequence
from uuid import UUID

from services.api.models import Missing, Place, Status
from services.api.repository import SharingRepository
from shared.events import MediaRequested, decode
from tests.unit.api.tables import Tables


class FakeSharing(SharingRepository):
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    async def call_out(self, missing: Sequence[Missing]) -> int:
        oldest = {one.place: min(self._over(one.place), default=None) for one in missing}
        called = [
            job_id
            for one in missing
            if oldest[one.place] != self._head(oldest, one.place.queue)
            for job_id in self._over(one.place)[: one.jobs]
        ]
        self._tables.overflow.difference_update(called)
        self._tables.outbox += [
            decode(line.body.encode())
            for line in self._tables.log.values()
            if line.job_id in called and line.type == MediaRequested.type_name
        ]
        return len(called)

    def _over(self, place: Place) -> list[UUID]:
        jobs = (self._tables.jobs[job_id] for job_id in self._tables.overflow)
        return sorted(
            job.id
            for job in jobs
            if job.status is Status.QUEUED and (job.tenant, job.generator, job.lane) == place
        )

    @staticmethod
    def _head(oldest: dict[Place, UUID | None], queue: tuple[str, str]) -> UUID | None:
        return min(
            (one for place, one in oldest.items() if one and place.queue == queue), default=None
        )
