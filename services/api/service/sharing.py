"""Fair share, where the overflow cannot be fair: it is a queue, first in, first out.

Whoever has jobs in it behind those of somebody else gets the oldest of them out again as soon as it
has few left in the queue itself: they are asked for once more, as the same event, by the way that
they would have gone at first. What stays in the overflow is known to the generator when it comes.
Neighbour: `backlog` knows who has how much where.
"""

import structlog

from services.api.service.backlog import Backlog
from services.api.unit_of_work import OpenUnitOfWork

log = structlog.get_logger(__name__)


class FairShare:
    """Counts what waits, and lets nobody's jobs stay behind the long overflow of another."""

    def __init__(self, unit_of_work: OpenUnitOfWork, backlog: Backlog) -> None:
        self._unit_of_work = unit_of_work
        self._backlog = backlog

    async def keep(self) -> None:
        """Once more."""
        missing = self._backlog.missing() if await self._backlog.count() else []
        if any(one.jobs for one in missing):
            async with self._unit_of_work() as work:
                called = await work.sharing.call_out(missing)
            if called:
                log.info("fair_share.called_out", jobs=called)
