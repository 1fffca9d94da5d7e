"""Verdicts on Postgres: one a job, and said exactly when it is given."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest

from services.notifier.models import Verdict
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.database.engine import create_engine
from shared.events import Webhook, decode, encode
from shared.testing import a_media_expired, a_media_ready
from tests.backends.databases import execute, query
from tests.conformance.verdicts import VerdictsConformance, a_verdict
from tests.conftest import MakeDatabase


class TestVerdictRepository(VerdictsConformance):
    @pytest.fixture(autouse=True)
    async def _database(self, make_database: MakeDatabase) -> AsyncIterator[None]:
        self.url = make_database("notifier")
        self.engine = create_engine(self.url, application="test")
        yield
        await self.engine.dispose()

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        async with NotifierUnitOfWork(self.engine) as work:
            return {verdict.job_id for verdict in await work.verdicts.add(verdicts)}

    async def test_a_verdict_is_kept_with_its_event_and_webhook(self) -> None:
        webhook = Webhook(url="https://example.org/hook", events=("media.ready",))
        verdict = a_verdict(a_media_ready(webhook=webhook))
        await self.add([verdict])
        [row] = query(self.url, "SELECT * FROM verdict")
        assert row["job_id"] == verdict.job_id
        assert (row["tenant"], row["generator"], row["outcome"]) == ("acme", "card", "ready")
        assert (str(row["event_id"]), row["caused_by"]) == (verdict.event.id, "cause")
        assert row["decided_at"] == verdict.event.time
        assert row["body"].encode() == encode(verdict.event)
        assert json.loads(row["body"])["data"]["webhook"]["url"] == webhook.url

    async def test_only_the_winner_is_said(self) -> None:
        first = a_verdict()
        late = a_verdict(a_media_expired(job_id=first.job_id))
        other = a_verdict()
        await self.add([first])
        await self.add([late, other])
        rows = query(self.url, "SELECT message_id, type, routing_key, body FROM outbox ORDER BY id")
        assert [row["message_id"] for row in rows] == [first.event.id, other.event.id]
        assert rows[0]["routing_key"] == "media.ready.card"
        assert rows[0]["body"] == encode(first.event)

    async def test_what_is_forgotten_keeps_its_verdict_and_is_never_said_again(self) -> None:
        verdict, other = a_verdict(), a_verdict()
        await self.add([verdict, other])
        for _ in range(2):
            async with NotifierUnitOfWork(self.engine) as work:
                await work.verdicts.forget([verdict.job_id])
        async with NotifierUnitOfWork(self.engine) as work:
            await work.verdicts.say_again([verdict.job_id])
        assert await self.add([verdict]) == set()
        kept = {row["job_id"]: row["body"] for row in query(self.url, "SELECT * FROM verdict")}
        assert (kept[verdict.job_id], len(kept)) == ("", 2)
        assert kept[other.job_id]
        assert len(query(self.url, "SELECT message_id FROM outbox")) == 2

    async def test_a_verdict_is_said_again_as_it_was(self) -> None:
        verdict = a_verdict()
        await self.add([verdict])
        async with NotifierUnitOfWork(self.engine) as work:
            await work.verdicts.say_again([verdict.job_id, a_verdict().job_id])
        first, again = query(self.url, "SELECT message_id, routing_key, body FROM outbox")
        assert first == again

    async def test_a_verdict_that_was_kept_as_jsonb_is_said_again(self) -> None:
        verdict = a_verdict()
        await self.add([verdict])
        execute(self.url, "ALTER TABLE verdict ALTER COLUMN body TYPE jsonb USING body::jsonb")
        execute(self.url, "ALTER TABLE verdict ALTER COLUMN body TYPE text")
        async with NotifierUnitOfWork(self.engine) as work:
            await work.verdicts.say_again([verdict.job_id])
        assert [decode(body) for body in self.said()] == [verdict.event, verdict.event]

    async def test_a_batch_of_answers_is_one_statement_that_commits_itself(self) -> None:
        new, old = a_verdict(), a_verdict()
        await self.add([old])
        async with NotifierUnitOfWork(self.engine) as work:
            work.alone()
            assert await work.verdicts.add([new, old]) == [new]
        assert self.said() == [encode(old.event), encode(new.event)]

    def said(self) -> list[bytes]:
        return [row["body"] for row in query(self.url, "SELECT body FROM outbox ORDER BY id")]

    async def test_two_processes_with_the_same_jobs_give_each_verdict_once(self) -> None:
        verdicts = [a_verdict() for _ in range(300)]
        batches = [verdicts[:200], list(reversed(verdicts[100:])), verdicts[50:250]]
        given = await asyncio.gather(*(self.add(batch) for batch in batches))
        assert sum(map(len, given)) == 300
        [row] = query(
            self.url, "SELECT count(*) AS n, count(DISTINCT message_id) AS ids FROM outbox"
        )
        assert (row["n"], row["ids"]) == (300, 300)

    async def test_a_transaction_that_fails_says_nothing(self) -> None:
        async def fail_after_deciding() -> None:
            async with NotifierUnitOfWork(self.engine) as work:
                await work.verdicts.add([a_verdict()])
                raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await fail_after_deciding()
        [row] = query(
            self.url, "SELECT (SELECT count(*) FROM verdict) + (SELECT count(*) FROM outbox) AS n"
        )
        assert row["n"] == 0
