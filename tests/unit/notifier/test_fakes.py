"""The fake of the unit tests does as the repository does."""

from collections.abc import Sequence
from uuid import UUID

import pytest

from services.notifier.models import Verdict
from shared.testing import FixedClock
from tests.conformance.verdicts import VerdictsConformance
from tests.unit.notifier.fakes import FakePendingEnds, FakeVerdicts


class TestFakeVerdicts(VerdictsConformance):
    @pytest.fixture(autouse=True)
    def _fake(self) -> None:
        self.verdicts = FakeVerdicts(FakePendingEnds(FixedClock()))

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        return await self.verdicts.add(verdicts)
