"""Calling the other processes when more has come than this one has slots for.

One NOTIFY for all that came meanwhile, in a transaction of its own: notifications go out one after
the other in all of Postgres, so what writes jobs must not wait in that line. What a crash leaves
unsaid is found by the polls. Neighbour: `admission` calls.
"""

import asyncio
from datetime import timedelta

import structlog

from services.generator.repository.wakeups import WORK
from services.generator.unit_of_work import OpenUnitOfWork
from shared.canceling import end

PAUSE = timedelta(milliseconds=10)
"""Between two calls; whoever was called looks for as much as it has slots for."""

log = structlog.get_logger(__name__)


class WorkCalls:
    """Says that there is work, at once and then no more often than every `PAUSE`."""

    def __init__(self, open_unit_of_work: OpenUnitOfWork, worker: str) -> None:
        self._open = open_unit_of_work
        self._worker = worker
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.create_task(self._run(), name="work-calls")

    async def stop(self) -> None:
        """Call no more."""
        if self._task is not None:
            await end([self._task])

    def call(self) -> None:
        """More has come than there are slots for here."""
        self._wanted.set()

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                async with self._open() as work:
                    work.alone()
                    await work.wakeups.notify(WORK, self._worker)
            except Exception as error:
                log.warning("work.not_called", error=repr(error))
            await asyncio.sleep(PAUSE.total_seconds())
