"""Whether the database was away a moment ago.

Then leases have run out whose holders are alive and about to renew them. Nothing is taken over, and
nothing is called lost, until they have had the time to.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from shared.database.transient import is_transient


class Outages:
    """Told by those who use the database all the time; `patience` is longer than a heartbeat."""

    def __init__(
        self,
        patience: timedelta,
        now: Callable[[], float] = lambda: asyncio.get_running_loop().time(),
    ) -> None:
        self._patience = patience.total_seconds()
        self._now = now
        self._away = False
        self._over_at = float("-inf")

    @property
    def over(self) -> bool:
        """Whether a lease that has run out means that its holder is gone."""
        return not self._away and self._now() >= self._over_at

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Around a use of the database: notes whether it was there."""
        try:
            yield
        except Exception as error:
            self._away = self._away or is_transient(error)
            raise
        if self._away:
            self._away, self._over_at = False, self._now() + self._patience
