"""The notifier's verdicts in memory: they keep the promises of the repository."""

from collections.abc import Collection, Sequence
from types import TracebackType
from uuid import UUID

from services.notifier.models import Verdict


class FakeVerdicts:
    """First come, first served, for ever."""

    def __init__(self) -> None:
        self.given: dict[UUID, Verdict] = {}

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]:
        new = {verdict.job_id: verdict for verdict in verdicts if verdict.job_id not in self.given}
        self.given |= new
        return set(new)


class FakeWork:
    """A transaction that can be told to fail."""

    def __init__(self, verdicts: FakeVerdicts, failure: Exception | None = None) -> None:
        self.verdicts = verdicts
        self._failure = failure

    async def __aenter__(self) -> "FakeWork":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._failure is not None:
            raise self._failure


class CountingObserver:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.seen: list[Verdict] = []

    def decided(self, verdicts: Collection[Verdict]) -> None:
        self.seen.extend(verdicts)
