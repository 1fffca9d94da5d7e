"""The notifier's use cases with fakes around them, and a clock that tests can move."""

from datetime import timedelta

from services.notifier.models import Verdict
from services.notifier.service import Attention, ClosingService, NotificationService
from shared.events import CloudEvent, Message
from shared.testing import FixedClock, an_event
from tests.unit.notifier.fakes import (
    CountingObserver,
    FakeDeliveries,
    FakePendingEnds,
    FakeVerdicts,
    FakeWebhooks,
    FakeWork,
)

GRACE = timedelta(seconds=10)


class Notifier:
    """Hears, and closes what nobody answers."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.clock = FixedClock()
        self.pending = FakePendingEnds(self.clock)
        self.verdicts = FakeVerdicts(self.pending)
        self.observer = CountingObserver()
        self.problem: str | None = None
        self.failure = failure
        self.works: list[FakeWork] = []
        self.webhooks = FakeWebhooks()
        self.deliveries = FakeDeliveries()
        self.service = NotificationService(
            self._work, self.clock, self.observer, GRACE, self.webhooks
        )
        attention = Attention(lambda: self.problem, self.clock)
        self.closing = ClosingService(
            self._work, self.clock, self.observer, attention, GRACE, webhooks=self.webhooks
        )

    async def hear(self, *messages: Message | CloudEvent) -> list[Message]:
        """What is said because of these."""
        events = [one if isinstance(one, CloudEvent) else an_event(one) for one in messages]
        given = await self.service.decide(events)
        return [verdict.event.data for verdict in given]

    async def wait(self, duration: timedelta = GRACE) -> list[Message]:
        """What is said by itself while time passes, a second at a time."""
        return [verdict.event.data for verdict in await self.watch(duration)]

    async def watch(self, duration: timedelta = GRACE) -> list[Verdict]:
        """The same, as verdicts."""
        before = len(self.observer.seen)
        await self.closing.close_overdue()
        for _ in range(int(duration.total_seconds())):
            self.clock.advance(timedelta(seconds=1))
            await self.closing.close_overdue()
        return self.observer.seen[before:]

    def _work(self) -> FakeWork:
        self.works.append(FakeWork(self.verdicts, self.pending, self.failure, self.deliveries))
        return self.works[-1]
