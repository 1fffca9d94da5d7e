"""Requests come in: written into the job table in batches, and begun with that where they can be.

Only then are they acked. Neighbours: `claiming` takes what had to wait, `calling` tells the other
processes of it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from services.generator.models import Brief, NewJob
from services.generator.service.window import Window
from services.generator.unit_of_work import OpenUnitOfWork
from shared.events import CloudEvent, MediaRequested, Origin


class Takes(Protocol):
    """Where admitted jobs begin: a claimer."""

    @property
    def free(self) -> int: ...

    async def admit(self, jobs: Sequence[NewJob]) -> int | None: ...

    def wake(self) -> None: ...


class AdmissionService:
    """Admits requests, each once, however often it is delivered.

    An input that does not fit its generator is admitted too: its first attempt fails, and so the
    request ends like any other. `takers` are the claimers by generator; `call` tells the other
    processes that more waits than these have slots for.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        window: Window,
        takers: Mapping[str, Takes],
        call: Callable[[], None],
    ) -> None:
        self._open = open_unit_of_work
        self._window = window
        self._takers = takers
        self._call = call

    async def admit(self, jobs: Sequence[NewJob]) -> None:
        """Write a batch in one statement; what cannot begin with it is left to all claimers."""
        first, *others = {self._takers[job.generator] for job in jobs}
        waiting = None if others else await first.admit(jobs)
        if waiting is None:
            waiting = await self._add(jobs)
        if waiting:
            for taker in (first, *others):
                taker.wake()
            if others or waiting > first.free:
                self._call()
        await self._window.admitted((job.generator, job.lane, job.overflow) for job in jobs)

    async def _add(self, jobs: Sequence[NewJob]) -> int:
        async with self._open() as work:
            work.alone()
            return await work.admission.add(jobs)


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
        brief=Brief(data.metadata, data.webhook, Origin.of(event), data.inputs),
        max_attempts=data.max_attempts,
        requested_at=data.requested_at,
        deadline_at=data.deadline_at,
        finish_by=data.finish_by,
        attempt_timeout=_seconds(data.attempt_timeout_seconds),
    )


def _seconds(value: int | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)
