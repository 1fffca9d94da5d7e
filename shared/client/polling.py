"""Asking for a job again and again: each question asks the API to answer late, when it has ended.

An API (or a proxy before it) that answers at once is asked ever less often. `following` does this
where there are no events to hear.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

from shared.client.models import Job

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0
PATIENCE = 1.0
"""Seconds that one question may stay unanswered: what happens meanwhile is wanted too."""

Get = Callable[..., Awaitable[Job]]


class Poll:
    """Asks `get(id, wait=…)` until the job has ended, or the `deadline` (of the loop's clock)."""

    def __init__(self, get: Get, too_late: Callable[[Job], Exception], deadline: float) -> None:
        self._get = get
        self._too_late = too_late
        self._deadline = deadline

    async def go_on(self, job: Job) -> AsyncIterator[Job]:
        """The job whenever it has changed; the last one is final. Raises `too_late` of it."""
        now, pause = asyncio.get_running_loop().time, FIRST_PAUSE
        while not job.is_final:
            if now() >= self._deadline:
                raise self._too_late(job)
            asked = now()
            before, job = job, await self._get(job.id, **self._wait(self._deadline - asked))
            if job != before:
                yield job
            early = asked + pause - now()
            if not job.is_final and early > 0:
                await asyncio.sleep(min(early, max(0.0, self._deadline - now())))
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _wait(self, remaining: float) -> dict[str, Any]:
        seconds = int(min(PATIENCE, remaining))
        return {"wait": timedelta(seconds=seconds)} if seconds else {}
