"""Forgetting keys that have not counted for so long that nobody asks about them any more.

Neighbours: `keys` revokes them, app.py has this called.
"""

from datetime import timedelta
from typing import Final

import structlog

from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock

BATCH: Final = 500

log = structlog.get_logger(__name__)


class KeyPurging:
    """Keeps the table of keys from growing for ever."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock, kept: timedelta) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._kept = kept

    async def tidy(self) -> None:
        """Forget what was revoked or has expired so long ago."""
        before, purged = self._clock.now() - self._kept, 0
        while True:
            async with self._unit_of_work() as work:
                work.alone()
                count = await work.keys.purge(before, BATCH)
            purged += count
            if count < BATCH:
                break
        if purged:
            log.info("keys.purged", keys=purged)
