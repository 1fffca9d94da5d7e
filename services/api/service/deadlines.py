"""Deadlines: a job that was to start by now and still waits is announced as overdue.

The generator then never starts it, and the notifier says that it has expired.
"""

from datetime import timedelta

from services.api.service.wishes import deadline_passed, say
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock

NEWS_TAKES = timedelta(seconds=2)
"""A job that started in time may be known to have started only a moment later."""


class DeadlineService:
    """Looks for jobs whose deadline to start has passed. Safe in many processes at once."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def announce_overdue(self) -> None:
        """Say of each overdue job, once, that its deadline has passed."""
        now = self._clock.now()
        async with self._unit_of_work() as work:
            overdue = await work.projection.claim_overdue(now - NEWS_TAKES)
            await say(work, deadline_passed, overdue, now)
