"""Following a job by its events: one stream, and a look at the job where an event says that it has
changed.

Where the stream is refused (too many are open, an older API) or does not come through (a proxy that
keeps it back), the job is asked for again and again instead (`polling`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.client.errors import (
    ApiProblemError,
    ApiUnavailableError,
    BusyError,
    HeldBackError,
    StillRunningError,
    TooMuchError,
    UnexpectedAnswerError,
)
from shared.client.events import EventListener, LiveEvent
from shared.client.models import Job, Progress
from shared.client.polling import Poll

LOOK_ANYWAY = 30.0
"""Seconds after which the job is looked at though nothing was heard of it."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
_NO_STREAM = (TooMuchError, HeldBackError, ApiProblemError, UnexpectedAnswerError)

Get = Callable[..., Awaitable[Job]]
Listen = Callable[[UUID], EventListener]


class Following:
    """Follows a job to its end, or until `timeout` is over.

    `every_step`: what happens on the way is wanted too, and not only how it ends.
    """

    def __init__(self, get: Get, listen: Listen, timeout: timedelta, *, every_step: bool) -> None:
        self._get = get
        self._listen = listen
        self._timeout = timeout
        self._every_step = every_step
        self._now = asyncio.get_running_loop().time
        self._deadline = self._now() + timeout.total_seconds()

    async def until_final(self, job_id: UUID | str) -> AsyncIterator[Job]:
        """The job at once, then whenever it has changed; the last one is final.

        Raises `StillRunningError`, and what `get` raises; an API that is away is waited for.
        """
        job = await self._get(job_id)
        yield job
        if job.is_final:
            return
        with suppress(*_NO_STREAM):
            async with aclosing(self._by_events(job)) as steps:
                async for job in steps:
                    yield job
        if not job.is_final:
            poll = Poll(self._look, self._still_running, self._deadline)
            async for later in poll.go_on(job):
                yield later

    async def _by_events(self, job: Job) -> AsyncGenerator[Job, None]:
        """What it becomes by what is heard, to the end of the stream."""
        looked = self._now()
        heard = self._listen(job.id).hear(None, insist=False)
        async with aclosing(heard):
            async for event in self._in_time(heard, job):
                if self._says_more(event, looked):
                    looked, after = self._now(), await self._look(job.id)
                else:
                    after = _moved_on(job, event)
                if after != job and (self._every_step or after.is_final):
                    yield after
                job = after
                if job.is_final:
                    return
                if event is not None and event.is_final:
                    break
        yield await self._look(job.id)

    async def _in_time(
        self, heard: AsyncIterator[LiveEvent | None], job: Job
    ) -> AsyncIterator[LiveEvent | None]:
        """The same. Raises `StillRunningError` when the time is over."""
        while (left := self._deadline - self._now()) > 0:
            try:
                async with asyncio.timeout(left):  # wait_for may lose a cancellation (3.11)
                    event = await anext(heard)
            except StopAsyncIteration:
                return
            except TimeoutError:
                break
            yield event
        raise self._still_running(job)

    def _says_more(self, event: LiveEvent | None, looked: float) -> bool:
        """Whether the job has to be looked at."""
        if event is None:
            return self._now() - looked >= LOOK_ANYWAY
        told = {"media.requested", "media.progressed"}
        return event.is_final or (self._every_step and event.type not in told)

    async def _look(self, job_id: UUID, **how: Any) -> Job:
        """The job, though the API be away for a while."""
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._get(job_id, **how)
            except (ApiUnavailableError, BusyError):
                if self._now() + pause >= self._deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _still_running(self, job: Job) -> StillRunningError:
        return StillRunningError(job.id, job.status, self._timeout)


def _moved_on(job: Job, event: LiveEvent | None) -> Job:
    """The job, as far as the event says."""
    if event is None or event.type != "media.progressed" or job.status != "running":
        return job
    return job.model_copy(update={"progress": Progress.model_validate(event.body["data"])})
