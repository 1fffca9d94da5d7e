"""Pending ends on Postgres: kept once, closed once, whoever comes at the same moment."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from services.notifier.models import EndKind, NotifierTable, PendingCount, PendingEnd, Verdict
from services.notifier.service import Attention, ClosingService, NotificationService
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import SystemClock
from shared.database.engine import create_engine
from shared.events import CloudEvent
from shared.service.migrate import Migrations
from shared.testing import (
    a_media_cancel_requested,
    a_media_canceled,
    a_media_deadline_passed,
    a_media_generated,
    a_media_ready,
    an_event,
    eventually,
)
from tests.backends.databases import execute, query
from tests.conformance.pending_ends import (
    AT_ONCE,
    LATER,
    PendingEndsConformance,
    a_cancel,
    a_start_met,
)
from tests.conformance.verdicts import a_verdict
from tests.conftest import MakeDatabase
from tests.unit.notifier.fakes import CountingObserver


class OnPostgres:
    """A migrated database, and the use cases of one process on it."""

    @pytest.fixture(autouse=True)
    async def _database(self, make_database: MakeDatabase) -> AsyncIterator[None]:
        self.url = make_database("notifier")
        self.engine = create_engine(self.url, application="test")
        yield
        await self.engine.dispose()

    def work(self) -> NotifierUnitOfWork:
        return NotifierUnitOfWork(self.engine)

    async def add(self, *ends: PendingEnd, grace: timedelta = AT_ONCE) -> None:
        async with self.work() as work:
            await work.pending_ends.add(ends, grace)

    async def claim_overdue(self, limit: int = 100) -> list[PendingEnd]:
        async with self.work() as work:
            return await work.pending_ends.claim_overdue(limit)

    async def list_wishes(self, *job_ids: UUID) -> list[CloudEvent]:
        async with self.work() as work:
            return await work.pending_ends.list_wishes(job_ids)

    async def count(self) -> list[PendingCount]:
        async with self.work() as work:
            return await work.pending_ends.count()

    async def decide(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        async with self.work() as work:
            return {verdict.job_id for verdict in await work.verdicts.add(verdicts)}

    def deciding(self) -> NotificationService:
        return NotificationService(self.work, SystemClock(), CountingObserver(), AT_ONCE)

    def closing(self) -> ClosingService:
        clock = SystemClock()
        attention = Attention(lambda: None, clock)
        return ClosingService(self.work, clock, CountingObserver(), attention, AT_ONCE)

    def pending(self) -> list[tuple[str, bool]]:
        rows = query(self.url, "SELECT kind, wish IS NULL AS void FROM pending_end ORDER BY kind")
        return [(row["kind"], row["void"]) for row in rows]

    def said(self) -> list[str]:
        rows = query(self.url, "SELECT type FROM outbox ORDER BY id")
        return [row["type"].split(".")[2] for row in rows]


class TestPendingEndRepository(OnPostgres, PendingEndsConformance):
    async def test_the_tables_are_what_the_models_describe(self) -> None:
        assert await Migrations("notifier", self.url).problems(NotifierTable.metadata) == []

    async def test_a_wish_is_kept_as_the_event_that_it_came_in(self) -> None:
        end = a_cancel()
        await self.add(end)
        assert await self.list_wishes(end.job_id) == [end.wish]

    async def test_a_wish_with_characters_that_postgres_does_not_know_can_be_carried_out(
        self,
    ) -> None:
        wish = a_media_cancel_requested(metadata={"a\0": "\0"})
        event = an_event(wish, event_id="\0", correlationid="\0")
        await self.add(PendingEnd(wish.job_id, EndKind.CANCEL, "card", event))
        await self.closing().close_overdue()
        assert self.said() == ["canceled"]

    async def test_an_outcome_with_characters_that_postgres_does_not_know_is_said(self) -> None:
        generated = a_media_generated(metadata={"a": "\0"})
        await self.deciding().decide([an_event(generated)])
        assert self.said() == ["ready"]

    async def test_what_one_process_claimed_another_passes_by(self) -> None:
        await self.add(*(a_cancel() for _ in range(5)))
        async with self.work() as one, self.work() as other:
            mine = await one.pending_ends.claim_overdue(3)
            others = await other.pending_ends.claim_overdue(3)
        assert (len(mine), len(others)) == (3, 2)
        assert not {end.job_id for end in mine} & {end.job_id for end in others}

    async def test_a_claim_that_was_not_carried_out_is_overdue_again(self) -> None:
        end = a_cancel()
        await self.add(end)
        with pytest.raises(ConnectionError):
            await self._die_after_claiming()
        assert await self.claim_overdue() == [end]

    async def _die_after_claiming(self) -> None:
        async with self.work() as work:
            await work.pending_ends.claim_overdue(1)
            raise ConnectionError("killed")

    async def test_a_tombstone_is_removed_once_its_job_has_ended(self) -> None:
        ended, open_ = a_start_met(), a_start_met()
        await self.add(ended, open_)
        await self._verdict_that_missed_what_is_pending(ended.job_id)
        execute(self.url, "UPDATE pending_end SET due_at = now()")
        await self.closing().forget_ended()
        [row] = query(self.url, "SELECT job_id, due_at > now() AS later FROM pending_end")
        assert (row["job_id"], row["later"]) == (open_.job_id, True)

    async def _verdict_that_missed_what_is_pending(self, job_id: UUID) -> None:
        async with self.work() as holding:
            await holding.pending_ends.add([a_start_met(job_id)], LATER)
            await self.decide([a_verdict(a_media_ready(job_id=job_id))])


class TestClosingOnPostgres(OnPostgres):
    async def test_the_verdict_its_event_and_the_end_of_the_wait_are_one_step(self) -> None:
        wish = an_event(a_media_cancel_requested(), tenant="acme")
        await self.deciding().decide([wish])
        await self.closing().close_overdue()
        [row] = query(self.url, "SELECT tenant, outcome, caused_by FROM verdict")
        assert (row["tenant"], row["outcome"], row["caused_by"]) == ("acme", "canceled", wish.id)
        assert (self.said(), self.pending()) == (["canceled"], [])

    async def test_a_result_that_comes_while_the_job_is_being_closed_comes_too_late(self) -> None:
        end = a_cancel()
        await self.add(end)
        async with self.work() as closing:
            await closing.pending_ends.claim_overdue(1)
            await closing.verdicts.add([a_verdict(a_media_canceled(job_id=end.job_id))])
            late = asyncio.create_task(self.decide([a_verdict(a_media_ready(job_id=end.job_id))]))
            await eventually(self.must_be_waiting)
        assert await late == set()
        assert (self.said(), self.pending()) == (["canceled"], [])

    async def test_a_result_that_comes_before_the_closing_is_written_wins(self) -> None:
        end = a_cancel()
        await self.add(end)
        async with self.work() as closing:
            await closing.pending_ends.claim_overdue(1)
            await self.decide([a_verdict(a_media_ready(job_id=end.job_id))])
            lost = a_verdict(a_media_canceled(job_id=end.job_id))
            assert await closing.verdicts.add([lost]) == []
        assert (self.said(), self.pending()) == (["ready"], [])

    async def test_a_wish_that_a_verdict_just_missed_is_removed_without_a_word(self) -> None:
        end = a_cancel()
        async with self.work() as deciding:
            await deciding.verdicts.add([a_verdict(a_media_ready(job_id=end.job_id))])
            await self.add(end)
        assert self.pending() == [("cancel", False)]
        await self.closing().close_overdue()
        assert (self.said(), self.pending()) == (["ready"], [])

    async def test_thousands_are_closed_in_bounded_transactions(self) -> None:
        await self.add(*(a_cancel() for _ in range(4_000)))
        await self.closing().close_overdue()
        assert self.pending() == []
        [row] = query(
            self.url,
            "SELECT count(*) AS verdicts, count(DISTINCT xmin::text) AS transactions,"
            " (SELECT count(DISTINCT message_id) FROM outbox) AS said FROM verdict",
        )
        assert (row["verdicts"], row["transactions"], row["said"]) == (4_000, 8, 4_000)

    async def test_processes_that_hear_and_close_the_same_jobs_never_block_each_other(
        self,
    ) -> None:
        wishes = [an_event(a_media_cancel_requested()) for _ in range(300)]
        jobs = [UUID(str(wish.subject)) for wish in wishes]
        news = wishes + [
            an_event(message)
            for job in jobs
            for message in (a_media_generated(job_id=job), a_media_deadline_passed(job_id=job))
        ]
        order = random.Random(7)
        await asyncio.gather(*(self._live(order.sample(news, len(news))) for _ in range(4)))
        await self.closing().close_overdue()
        assert self.pending() == []
        [row] = query(
            self.url,
            "SELECT (SELECT count(*) FROM verdict) AS verdicts, count(*) AS said,"
            " count(DISTINCT message_id) AS ids FROM outbox",
        )
        assert (row["verdicts"], row["said"], row["ids"]) == (300, 300, 300)

    async def _live(self, news: list[CloudEvent]) -> None:
        """One process: it hears everything in its own order, and closes what is overdue."""
        deciding, closing = self.deciding(), self.closing()
        for start in range(0, len(news), 50):
            await deciding.decide(news[start : start + 50])
            await closing.close_overdue(limit=20)

    def must_be_waiting(self) -> None:
        waiting = (
            "SELECT count(*) AS n FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        assert query(self.url, waiting) == [{"n": 1}]
