"""Writing down how attempts ended: many in one statement, again and again until it is written."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from services.generator.models import Result
from services.generator.unit_of_work import OpenUnitOfWork
from shared.database.transient import is_transient
from shared.messaging.batcher import Batcher

LAST_WORDS = timedelta(seconds=3)
"""What is not written by then, when the process is to end, is found by whoever takes over."""

log = structlog.get_logger(__name__)


class Finisher:
    """Records results in natural batches; `recorded` is called after each.

    `abandoned` is called when jobs ended whose work at a provider may go on.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        recorded: Callable[[], None] = lambda: None,
        abandoned: Callable[[], None] = lambda: None,
    ) -> None:
        self._open = open_unit_of_work
        self._recorded = recorded
        self._abandoned = abandoned
        self._batcher: Batcher[Result, bool] = Batcher(self._write, limit=250)

    def start(self) -> None:
        """Begin recording."""
        self._batcher.start()

    async def stop(self) -> None:
        """Record what waits, then end."""
        await self._batcher.stop(LAST_WORDS)

    def offer(self, result: Result) -> "asyncio.Future[bool]":
        """Record it with the next batch, once; see `finish`."""
        return self._batcher.offer(result)

    async def finish(self, result: Result) -> bool:
        """Record it. False: it is not ours any more, and nothing was changed.

        Waits out a database that is away. Raises when the result itself cannot be written.
        """
        pause = 0.1
        while True:
            try:
                return await self._batcher.offer(result)
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("result.waiting", job_id=str(result.job.id), error=repr(error))
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5.0)

    async def _write(self, results: Sequence[Result]) -> Sequence[bool]:
        abandoning = any(result.abandoned for result in results)
        async with self._open() as work:
            if not abandoning:
                work.alone()
            ours = await work.results.record(results)
            over = [one.job.id for one in results if one.abandoned and one.job.key in ours]
            if over:
                await work.providers.abandon(over)
        self._recorded()
        if over:
            self._abandoned()
        return [result.job.key in ours for result in results]
