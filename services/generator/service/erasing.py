"""Jobs that were deleted at the api: what is kept of them here is erased."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from services.generator.models import Erasure
from services.generator.repository.wakeups import STOP
from services.generator.unit_of_work import OpenUnitOfWork
from shared.events import CloudEvent, MediaDeleted

log = structlog.get_logger(__name__)


class ErasureService:
    """Erases. A job that still runs although it ended for everybody is stopped."""

    def __init__(self, open_unit_of_work: OpenUnitOfWork, worker: str) -> None:
        self._open = open_unit_of_work
        self._worker = worker

    async def handle(self, erasures: Sequence[Erasure]) -> None:
        """Erase a batch in one transaction; erasing again changes nothing."""
        ids: list[UUID] = sorted({one.job_id for one in erasures})
        async with self._open() as work:
            await work.erasures.erase(ids)
            await work.wakeups.notify(STOP, self._worker)
        log.info("jobs.erased", jobs=len(ids))


def erasure_of(event: CloudEvent) -> Erasure | None:
    """The erasure that an event asks for; None when it asks for none."""
    return Erasure(event.data.job_id) if isinstance(event.data, MediaDeleted) else None
