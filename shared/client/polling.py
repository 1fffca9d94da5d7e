"""Following a job: each question asks the API to answer late, when the job has ended or changed.

An API (or a proxy before it) that answers at once is asked ever less often.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.client.errors import StillRunningError
from shared.client.models import Job

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0

Get = Callable[..., Awaitable[Job]]


class Poll:
    """Asks `get(id, wait=…)` until the job has ended, or `timeout` is over.

    `patience` is how long one question may stay unanswered: short for who wants to see progress.
    """

    def __init__(self, get: Get, timeout: timedelta, *, patience: timedelta) -> None:
        self._get = get
        self._timeout = timeout
        self._patience = patience.total_seconds()

    async def until_final(self, job_id: UUID | str) -> AsyncIterator[Job]:
        """The job at once, then whenever it has changed; the last one is final."""
        now = asyncio.get_running_loop().time
        deadline = now() + self._timeout.total_seconds()
        job, pause = await self._get(job_id), FIRST_PAUSE
        yield job
        while not job.is_final:
            if now() >= deadline:
                raise StillRunningError(job.id, job.status, self._timeout)
            asked = now()
            before, job = job, await self._get(job_id, **self._wait(deadline - asked))
            if job != before:
                yield job
            early = asked + pause - now()
            if not job.is_final and early > 0:
                await asyncio.sleep(min(early, max(0.0, deadline - now())))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _wait(self, remaining: float) -> dict[str, Any]:
        seconds = int(min(self._patience, remaining))
        return {"wait": timedelta(seconds=seconds)} if seconds else {}
