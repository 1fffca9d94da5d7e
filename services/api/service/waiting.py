"""Waiting for a job's end: whoever waits is woken by the projection in the same process.

What another process has projected is found in the event log (`event_follower`), which is read once
for all who wait. The table is looked at when the waiting begins, and seldom again, as a safety net.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from services.api.models import Ended, Job
from services.api.unit_of_work import OpenUnitOfWork
from shared.database.transient import is_transient
from shared.messaging.waiting import is_set_within

LOOK_SOON = 1.0
LOOK_EVERY = 15.0


def _nothing(_jobs: Iterable[UUID]) -> None:
    """Nobody else wants to know."""


class JobWaiters:
    """Who waits for which job in this process."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self.on_change: Callable[[Iterable[UUID]], object] = _nothing
        """Also told which jobs have changed in this process."""

    @contextmanager
    def watch(self, job_id: UUID) -> Iterator[asyncio.Event]:
        """An event that is set once the job has come to its end."""
        ended = asyncio.Event()
        self._waiting.setdefault(job_id, set()).add(ended)
        try:
            yield ended
        finally:
            watchers = self._waiting[job_id]
            watchers.discard(ended)
            if not watchers:
                del self._waiting[job_id]

    @property
    def empty(self) -> bool:
        """Whether nobody waits."""
        return not self._waiting

    def tell_ended(self, job_id: UUID) -> None:
        """The job has come to its end, and that is committed."""
        for ended in self._waiting.get(job_id, ()):
            ended.set()

    def tell(self, jobs: Sequence[Job | Ended]) -> None:
        """These jobs have changed, and that is committed."""
        for job in jobs:
            if job.status.final:
                self.tell_ended(job.id)
        self.on_change(job.id for job in jobs)


class JobWaitService:
    """Waits for jobs to come to their end."""

    def __init__(self, unit_of_work: OpenUnitOfWork, waiters: JobWaiters) -> None:
        self._unit_of_work = unit_of_work
        self._waiters = waiters

    async def wait_from(self, known: Job, seconds: float, *, new: bool) -> Job:
        """The same for a job that was just accepted: a passing error leaves it as it is known.

        What was promised stays promised while the database is away. A `new` one (no replay) has
        not ended before anybody could be told.
        """
        try:
            return await self.wait(known.tenant, known.id, seconds, look_first=not new)
        except Exception as error:
            if not is_transient(error):
                raise
            return known

    async def wait(
        self, tenant: str, job_id: UUID, seconds: float, *, look_first: bool = True
    ) -> Job:
        """The job once it is final, or as it is after `seconds`.

        Raises `MediaRequestNotFoundError`, `MediaDeletedError`.
        """
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + seconds, LOOK_SOON
        with self._waiters.watch(job_id) as ended:
            if not look_first:
                await is_set_within(ended, min(seconds, LOOK_SOON))
            while True:
                async with self._unit_of_work() as work:
                    work.alone()
                    job = await work.jobs.find(tenant, job_id)
                if job is None:
                    async with self._unit_of_work() as work:
                        job = await work.jobs.get(tenant, job_id)
                left = deadline - loop.time()
                if job.status.final or left <= 0:
                    return job
                await is_set_within(ended, min(left, pause))
                pause = LOOK_EVERY
