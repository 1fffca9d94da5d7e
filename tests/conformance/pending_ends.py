"""What every keeper of pending ends does: the fake of the unit tests, and the repository."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.notifier.models import EndKind, PendingCount, PendingEnd, Verdict
from shared.clock import uuid7
from shared.events import CloudEvent
from shared.testing import (
    a_media_cancel_requested,
    a_media_deadline_passed,
    a_media_ready,
    an_event,
)
from tests.conformance.verdicts import a_verdict

AT_ONCE = timedelta(0)
LATER = timedelta(hours=1)


def a_cancel(job_id: UUID | None = None) -> PendingEnd:
    """Somebody wants it stopped."""
    wish = a_media_cancel_requested(job_id=job_id or uuid7())
    return PendingEnd(wish.job_id, EndKind.CANCEL, wish.generator, an_event(wish, tenant="acme"))


def a_start_missed(job_id: UUID | None = None) -> PendingEnd:
    """It should have begun."""
    wish = a_media_deadline_passed(job_id=job_id or uuid7())
    return PendingEnd(wish.job_id, EndKind.START, wish.generator, an_event(wish))


def a_start_met(job_id: UUID | None = None) -> PendingEnd:
    """It had begun."""
    return PendingEnd(job_id or uuid7(), EndKind.START, "card", None)


class PendingEndsConformance(ABC):
    """Subclasses say how it is done, each call in a transaction of its own."""

    @abstractmethod
    async def add(self, *ends: PendingEnd, grace: timedelta = AT_ONCE) -> None: ...

    @abstractmethod
    async def claim_overdue(self, limit: int = 100) -> list[PendingEnd]: ...

    @abstractmethod
    async def list_wishes(self, *job_ids: UUID) -> list[CloudEvent]: ...

    @abstractmethod
    async def count(self) -> list[PendingCount]: ...

    @abstractmethod
    async def decide(self, verdicts: Sequence[Verdict]) -> set[UUID]: ...

    async def test_a_wish_is_overdue_when_its_grace_is_over(self) -> None:
        end = a_cancel()
        await self.add(end)
        assert await self.claim_overdue() == [end]

    async def test_a_wish_is_not_overdue_before(self) -> None:
        await self.add(a_cancel(), grace=LATER)
        assert await self.claim_overdue() == []

    async def test_a_wish_that_comes_again_keeps_its_time(self) -> None:
        end = a_cancel()
        await self.add(end)
        await self.add(end, grace=LATER)
        assert await self.claim_overdue() == [end]

    async def test_wishes_of_other_kinds_about_a_job_stand_beside_it(self) -> None:
        start = a_start_missed()
        cancel = a_cancel(start.job_id)
        await self.add(start, grace=LATER)
        await self.add(cancel)
        assert await self.claim_overdue() == [cancel]
        assert await self.list_wishes(start.job_id) == [cancel.wish, start.wish]

    async def test_what_is_void_is_never_overdue(self) -> None:
        start = a_start_missed()
        await self.add(start)
        await self.add(a_start_met(start.job_id))
        assert await self.claim_overdue() == []
        assert await self.list_wishes(start.job_id) == []

    async def test_what_is_void_stays_void(self) -> None:
        start = a_start_missed()
        await self.add(a_start_met(start.job_id))
        await self.add(start)
        assert await self.claim_overdue() == []

    async def test_what_is_void_leaves_other_wishes_alone(self) -> None:
        cancel = a_cancel()
        await self.add(cancel)
        await self.add(a_start_met(cancel.job_id))
        assert await self.claim_overdue() == [cancel]

    async def test_no_more_than_the_limit_is_claimed(self) -> None:
        await self.add(*(a_cancel() for _ in range(3)))
        assert len(await self.claim_overdue(limit=2)) == 2

    async def test_a_verdict_settles_everything_about_its_job(self) -> None:
        ends = [a_start_missed(), a_cancel()]
        job = ends[0].job_id
        await self.add(*ends, a_cancel(job))
        await self.decide([a_verdict(a_media_ready(job_id=job))])
        assert await self.claim_overdue() == [ends[1]]

    async def test_a_verdict_that_comes_too_late_settles_it_too(self) -> None:
        end = a_cancel()
        await self.add(end, grace=LATER)
        verdict = a_verdict(a_media_ready(job_id=end.job_id))
        await self.decide([verdict])
        assert await self.decide([verdict]) == set()
        assert await self.list_wishes(end.job_id) == []

    async def test_a_wish_about_a_job_with_a_verdict_is_not_kept(self) -> None:
        end = a_cancel()
        await self.decide([a_verdict(a_media_ready(job_id=end.job_id))])
        await self.add(end, a_start_met(end.job_id))
        assert await self.claim_overdue() == []

    async def test_wishes_are_counted_by_kind_and_voids_are_not(self) -> None:
        await self.add(a_cancel(), a_cancel(), a_start_met())
        await self.add(a_cancel(), a_start_missed(), grace=LATER)
        counts = {count.kind: count for count in await self.count()}
        assert set(counts) == {EndKind.CANCEL, EndKind.START}
        assert (counts[EndKind.CANCEL].waiting, counts[EndKind.CANCEL].overdue) == (3, 2)
        assert counts[EndKind.START] == PendingCount(EndKind.START, 1, 0, 0.0)

    async def test_nothing_is_added_and_asked_for_without_complaint(self) -> None:
        await self.add()
        assert await self.list_wishes() == []
