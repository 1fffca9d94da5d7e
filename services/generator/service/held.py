"""Until when this process certainly has the jobs in its hands, by its own monotonic clock.

A process can be stopped and go on without noticing (SIGSTOP, a frozen machine, a loop that was
blocked). So whoever is about to say or begin something in the name of a job asks here first.
Neighbours: `leases` renews, `running` begins, `news` speaks.
"""

import asyncio
import time
from collections.abc import Callable, Iterable

from services.generator.models import JobKey


class HeldLeases:
    """The leases in hand. They are counted from before they were asked for, so never too long."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.doubt: Callable[[], None] = lambda: None
        """Called when somebody waits to be certain: renew, or find out that it is lost."""
        self._until: dict[JobKey, float] = {}
        self._renewed = asyncio.Event()

    def take(self, key: JobKey, until: float) -> None:
        """A job came into our hands."""
        self._until[key] = until

    def renew(self, keys: Iterable[JobKey], until: float) -> None:
        """These are ours for longer."""
        for key in keys:
            if key in self._until:
                self._until[key] = until
        self._renewed.set()

    def drop(self, key: JobKey) -> None:
        """It is out of our hands."""
        self._until.pop(key, None)

    def certain(self, key: JobKey) -> bool:
        """Whether it is ours now, beyond doubt."""
        return self.now() < self._until.get(key, float("-inf"))

    async def ascertain(self, key: JobKey) -> None:
        """Wait until it is. Whose lease is lost is canceled meanwhile."""
        while not self.certain(key):
            self._renewed.clear()
            self.doubt()
            await self._renewed.wait()
