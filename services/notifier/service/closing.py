"""Ending what nobody answers: a job that is to end does end, even when no worker is alive.

Safe in many processes at once: each takes other rows. Neighbours: `notification` leaves the wishes
behind and gives its verdict where an answer comes; `attention` says whether one could be heard.
"""

from datetime import timedelta

import structlog

from services.notifier.models import PendingCount, Verdict
from services.notifier.service.attention import Attention
from services.notifier.service.proposal import Wish, verdict
from services.notifier.service.work import Nobody, Observer, OpenUnitOfWork, Webhooks, give
from shared.clock import Clock

BATCH = 500

log = structlog.get_logger(__name__)


class ClosingService:
    """Closes jobs whose wish to end was not answered within the grace."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        clock: Clock,
        observer: Observer,
        attention: Attention,
        grace: timedelta,
        *,
        webhooks: Webhooks | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._observer = observer
        self._attention = attention
        self._webhooks = webhooks or Nobody()
        self._grace = grace

    async def close_overdue(self, limit: int = BATCH) -> None:
        """Give the verdicts that are overdue, `limit` at a time, each batch in one transaction.

        Nothing is overdue until an answer could have been heard for the length of the grace.
        """
        heard = self._attention.lasted()
        if heard is None or heard < self._grace:
            return
        try:
            if await self._any_overdue():
                while await self._close(limit) == limit:
                    pass
        except Exception:
            self._attention.lose()
            raise

    async def forget_ended(self, limit: int = BATCH) -> None:
        """Remove what was left behind about jobs that have ended."""
        async with self._unit_of_work() as work:
            work.alone()
            await work.pending_ends.review(limit)

    async def count_pending(self) -> list[PendingCount]:
        """What waits for an answer."""
        async with self._unit_of_work() as work:
            work.alone()
            return await work.pending_ends.count()

    async def _any_overdue(self) -> bool:
        """One look, as cheap as can be: nearly always the answer is no."""
        async with self._unit_of_work() as work:
            work.alone()
            return await work.pending_ends.any_overdue()

    async def _close(self, limit: int) -> int:
        """One batch. Answers how many wishes it took."""
        proposed: dict[object, Verdict] = {}
        async with self._unit_of_work() as work:
            overdue = await work.pending_ends.claim_overdue(limit)
            now = self._clock.now()
            for end in overdue:
                if end.wish is not None and isinstance(end.wish.data, Wish):
                    proposed.setdefault(end.job_id, verdict(end.wish, end.wish.data, now, None))
            due = await self._webhooks.due(list(proposed.values()))
            given = await give(work, list(proposed.values()), due)
        if due:
            self._webhooks.wake()
        if given:
            log.info("jobs.closed", overdue=len(overdue), verdicts=len(given))
        self._observer.decided(given)
        self._observer.unanswered(given)
        return len(overdue)
