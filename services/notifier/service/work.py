"""What the notifier's use cases need of a transaction, and of whoever counts."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from services.notifier.models import PendingCount, PendingEnd, Verdict
from shared.events import CloudEvent


class Verdicts(Protocol):
    """Where verdicts are kept."""

    async def add(self, verdicts: Sequence[Verdict]) -> Sequence[Verdict]: ...

    async def say_again(self, job_ids: Sequence[UUID]) -> None: ...

    async def forget(self, job_ids: Sequence[UUID]) -> None: ...


class PendingEnds(Protocol):
    """Where wishes wait for a generator's answer."""

    async def add(self, ends: Sequence[PendingEnd], grace: timedelta) -> None: ...

    async def list_wishes(self, job_ids: Sequence[UUID]) -> list[CloudEvent]: ...

    async def any_overdue(self) -> bool: ...

    async def claim_overdue(self, limit: int) -> list[PendingEnd]: ...

    async def review(self, limit: int) -> None: ...

    async def count(self) -> list[PendingCount]: ...


class Work(Protocol):
    """One transaction over both."""

    @property
    def verdicts(self) -> Verdicts: ...

    @property
    def pending_ends(self) -> PendingEnds: ...

    def alone(self) -> None: ...


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[Work]]


class Observer(Protocol):
    """Is told of verdicts once they are given."""

    def decided(self, verdicts: Collection[Verdict]) -> None: ...

    def unanswered(self, verdicts: Collection[Verdict]) -> None: ...
