"""What became of calls, written together: calls that end while others are being written are next.

A transaction for each would be the most of what a webhook costs.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.notifier.models import LaneNews, Outcome
from services.notifier.repository.deliveries import Manners
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.messaging.batcher import Batcher

WRITE_WITHIN: Final = timedelta(seconds=5)


class Noted(NamedTuple):
    """Whether it was still this process's to say, and whether its endpoint fails for too long."""

    ours: bool
    failing: bool


class Recording:
    """Writes outcomes of calls."""

    def __init__(self, unit_of_work: Callable[[], NotifierUnitOfWork], manners: Manners) -> None:
        self._unit_of_work = unit_of_work
        self._manners = manners
        self._batcher: Batcher[Outcome, Noted] = Batcher(self._write, limit=200)

    def start(self) -> None:
        """Begin writing."""
        self._batcher.start()

    async def stop(self) -> None:
        """Write what waits."""
        await self._batcher.stop(WRITE_WITHIN)

    async def note(self, outcome: Outcome) -> Noted:
        """Once it is written."""
        return await self._batcher.submit(outcome)

    async def _write(self, outcomes: Sequence[Outcome]) -> list[Noted]:
        async with self._unit_of_work() as work:
            ours = await work.deliveries.record(outcomes)
            news = _news([one for one in outcomes if one.claim.id in ours])
            failing = await work.deliveries.note(news, self._manners) if news else frozenset()
        return [
            Noted(one.claim.id in ours, one.claim.id in ours and one.claim.lane in failing)
            for one in outcomes
        ]


def _news(outcomes: Sequence[Outcome]) -> list[LaneNews]:
    """Of each lane: whether something has got there, and how much has failed since."""
    news: dict[UUID, LaneNews] = {}
    for one in outcomes:
        lane = one.claim.lane
        before = news.get(lane, LaneNews(lane, False, 0))
        reached = one.call.delivered
        failures = 0 if reached else before.failures + 1
        news[lane] = LaneNews(lane, before.reached or reached, failures)
    return [news[lane] for lane in sorted(news)]
