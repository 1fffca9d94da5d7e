"""Deadlines: a job that was to start or to end by now, and has not, is announced as overdue.

The generator then never starts it, or stops it, and the notifier says that it has expired. Every
job has a total deadline, so that every job ends, whatever got lost on the way.
"""

from datetime import timedelta

from services.api.metrics import ApiMetrics
from services.api.service.wishes import say, start_deadline_passed, total_deadline_passed
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.events import Deadline

NEWS_TAKES = timedelta(seconds=2)
"""A job that started or ended in time may be known to have done so only a moment later."""
AGAIN_AFTER = timedelta(hours=1)
"""A job that does not end although its total deadline was announced is announced once more.

The event has the same id, so that it changes nothing where the first one arrived.
"""


class DeadlineService:
    """Looks for jobs whose deadlines have passed. Safe in many processes at once."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock, metrics: ApiMetrics) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._metrics = metrics

    async def announce_overdue(self) -> None:
        """Say of each overdue job that its deadline has passed."""
        now = self._clock.now()
        before = now - NEWS_TAKES
        async with self._unit_of_work() as work:
            not_started = await work.deadlines.claim_not_started(before)
            await say(work, start_deadline_passed, not_started, now)
            not_finished = await work.deadlines.claim_not_finished(before, before - AGAIN_AFTER)
            await say(work, total_deadline_passed, not_finished, now)
        self._metrics.late(Deadline.START, not_started)
        self._metrics.late(Deadline.TOTAL, not_finished)
