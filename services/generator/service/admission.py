"""Requests come in: written into the job table in batches, then acked, then claimed."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from services.generator.models import Brief, NewJob
from services.generator.repository.wakeups import WORK
from services.generator.service.window import Window
from services.generator.unit_of_work import OpenUnitOfWork
from shared.events import CloudEvent, MediaRequested, Origin


class AdmissionService:
    """Admits requests, each once, however often it is delivered.

    An input that does not fit its generator is admitted too: its first attempt fails, and so the
    request ends like any other.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        window: Window,
        worker: str,
        wake_claimers: Callable[[], None],
    ) -> None:
        self._open = open_unit_of_work
        self._window = window
        self._worker = worker
        self._wake_claimers = wake_claimers

    async def admit(self, jobs: Sequence[NewJob]) -> None:
        """Write a batch in one transaction, and tell all processes that there is work."""
        async with self._open() as work:
            if await work.admission.add(jobs):
                await work.wakeups.notify(WORK, self._worker)
        self._wake_claimers()
        await self._window.admitted((job.generator, job.lane) for job in jobs)


def job_of(event: CloudEvent) -> NewJob | None:
    """The job that an event asks for; None when it asks for none."""
    data = event.data
    if not isinstance(data, MediaRequested):
        return None
    return NewJob(
        id=data.job_id,
        tenant=event.tenant,
        generator=data.generator,
        lane=data.lane,
        input=data.input,
        brief=Brief(data.metadata, data.webhook, Origin.of(event)),
        max_attempts=data.max_attempts,
        requested_at=data.requested_at,
        deadline_at=data.deadline_at,
        finish_by=data.finish_by,
        attempt_timeout=_seconds(data.attempt_timeout_seconds),
    )


def _seconds(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
