"""Following a job by asking again, ever less often."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from shared.client.errors import StillRunningError
from shared.client.models import Job

FIRST_PAUSE = timedelta(milliseconds=50)
LONGEST_PAUSE = timedelta(seconds=1)


class Poll:
    """Asks `get` until the job has ended, or `timeout` is over."""

    def __init__(self, get: Callable[[UUID | str], Awaitable[Job]], timeout: timedelta) -> None:
        self._get = get
        self._timeout = timeout

    async def until_final(self, job_id: UUID | str) -> AsyncIterator[Job]:
        """The job at once, then whenever it has changed; the last one is final."""
        now = asyncio.get_running_loop().time
        deadline = now() + self._timeout.total_seconds()
        pause = FIRST_PAUSE.total_seconds()
        last: Job | None = None
        while True:
            job = await self._get(job_id)
            if job != last:
                yield job
                pause = FIRST_PAUSE.total_seconds() if last is not None else pause
            if job.is_final:
                return
            last = job
            if now() >= deadline:
                raise StillRunningError(job.id, job.status, self._timeout)
            await asyncio.sleep(max(0.0, min(pause, deadline - now())))
            pause = min(pause * 1.5, LONGEST_PAUSE.total_seconds())
