"""The notifier's tables in memory: they keep the promises of the repositories."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from uuid import UUID

from services.notifier.models import Due, EndKind, PendingCount, PendingEnd, Verdict
from shared.clock import Clock, uuid7
from shared.events import CloudEvent


class FakePendingEnds:
    """Wishes by job and kind, with the moment when each is overdue."""

    def __init__(self, clock: Clock) -> None:
        self.kept: dict[tuple[UUID, EndKind], tuple[datetime, PendingEnd]] = {}
        self.ended: Collection[UUID] = ()
        self._clock = clock

    async def add(self, ends: Sequence[PendingEnd], grace: timedelta) -> None:
        for end in ends:
            key = end.job_id, end.kind
            if end.job_id not in self.ended and (end.wish is None or key not in self.kept):
                self.kept[key] = self._clock.now() + grace, end

    async def list_wishes(self, job_ids: Sequence[UUID]) -> list[CloudEvent]:
        return [e.wish for e in self._in_order() if e.wish and e.job_id in job_ids]

    async def any_overdue(self) -> bool:
        return bool(await self.claim_overdue(1))

    async def claim_overdue(self, limit: int) -> list[PendingEnd]:
        now = self._clock.now()
        overdue = {key for key, (due, _) in self.kept.items() if due <= now}
        return [e for e in self._in_order() if e.wish and (e.job_id, e.kind) in overdue][:limit]

    async def review(self, limit: int) -> None:
        self.settle(self.ended)

    async def count(self) -> list[PendingCount]:
        now = self._clock.now()
        return [
            PendingCount(
                kind,
                waiting=len(dues),
                overdue=sum(due <= now for due in dues),
                late=max(0.0, (now - min(dues)).total_seconds()),
            )
            for kind in EndKind
            if (dues := [due for due, end in self.kept.values() if end.wish and end.kind is kind])
        ]

    def settle(self, job_ids: Collection[UUID]) -> None:
        """Nothing is pending about these any more."""
        self.kept = {key: kept for key, kept in self.kept.items() if key[0] not in job_ids}

    def _in_order(self) -> list[PendingEnd]:
        return [end for _, end in sorted(self.kept.values(), key=lambda kept: kept[0])]


class FakeVerdicts:
    """First come, first served, for ever."""

    def __init__(self, pending_ends: FakePendingEnds) -> None:
        self.given: dict[UUID, Verdict] = {}
        self.said_again: list[Verdict] = []
        self.forgotten: set[UUID] = set()
        self._pending_ends = pending_ends
        pending_ends.ended = self.given.keys()

    async def add(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]:
        new = {verdict.job_id: verdict for verdict in verdicts if verdict.job_id not in self.given}
        self.given |= new
        self._pending_ends.ended = self.given.keys()
        self._pending_ends.settle({verdict.job_id for verdict in verdicts})
        return list(new.values())

    async def say_again(self, job_ids: Sequence[UUID]) -> None:
        self.said_again += [
            self.given[one] for one in job_ids if one in self.given and one not in self.forgotten
        ]

    async def forget(self, job_ids: Sequence[UUID]) -> None:
        self.forgotten.update(job_ids)
        self._pending_ends.settle(set(job_ids))


class FakeDeliveries:
    """Calls that wait to be made."""

    def __init__(self) -> None:
        self.added: list[Due] = []

    async def add(self, due: Sequence[Due]) -> None:
        self.added += due


class FakeWebhooks:
    """Wants to hear of every verdict once it is told to."""

    def __init__(self) -> None:
        self.wants = False
        self.woken = 0

    async def due(self, verdicts: Sequence[Verdict]) -> list[Due]:
        if not self.wants:
            return []
        return [
            Due(uuid7(), uuid7(), None, "https://example.org", f"media.{one.outcome}", one)
            for one in verdicts
        ]

    def wake(self) -> None:
        self.woken += 1


class FakeWork:
    """A transaction that can be told that the database is away."""

    def __init__(
        self,
        verdicts: FakeVerdicts,
        pending_ends: FakePendingEnds,
        failure: Exception | None = None,
        deliveries: FakeDeliveries | None = None,
    ) -> None:
        self.verdicts = verdicts
        self.deliveries = deliveries or FakeDeliveries()
        self.pending_ends = pending_ends
        self._failure = failure
        self.is_alone = False

    def alone(self) -> None:
        self.is_alone = True

    async def __aenter__(self) -> "FakeWork":
        if self._failure is not None:
            raise self._failure
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


class CountingObserver:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.seen: list[Verdict] = []
        self.without_answer: list[Verdict] = []

    def decided(self, verdicts: Collection[Verdict]) -> None:
        self.seen.extend(verdicts)

    def unanswered(self, verdicts: Collection[Verdict]) -> None:
        self.without_answer.extend(verdicts)
