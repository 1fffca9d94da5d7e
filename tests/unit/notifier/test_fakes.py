"""The fakes of the unit tests do as the repositories do."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from services.notifier.models import PendingCount, PendingEnd, Verdict
from shared.events import CloudEvent
from shared.testing import FixedClock
from tests.conformance.pending_ends import AT_ONCE, PendingEndsConformance
from tests.conformance.verdicts import VerdictsConformance
from tests.unit.notifier.fakes import FakePendingEnds, FakeVerdicts


class TestFakeVerdicts(VerdictsConformance):
    @pytest.fixture(autouse=True)
    def _fake(self) -> None:
        self.verdicts = FakeVerdicts(FakePendingEnds(FixedClock()))

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        return {verdict.job_id for verdict in await self.verdicts.add(verdicts)}


class TestFakePendingEnds(PendingEndsConformance):
    @pytest.fixture(autouse=True)
    def _fake(self) -> None:
        self.pending = FakePendingEnds(FixedClock())
        self.verdicts = FakeVerdicts(self.pending)

    async def add(self, *ends: PendingEnd, grace: timedelta = AT_ONCE) -> None:
        await self.pending.add(ends, grace)

    async def claim_overdue(self, limit: int = 100) -> list[PendingEnd]:
        return await self.pending.claim_overdue(limit)

    async def list_wishes(self, *job_ids: UUID) -> list[CloudEvent]:
        return await self.pending.list_wishes(job_ids)

    async def count(self) -> list[PendingCount]:
        return await self.pending.count()

    async def decide(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        return {verdict.job_id for verdict in await self.verdicts.add(verdicts)}
