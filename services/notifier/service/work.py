"""What the notifier's use cases need of a transaction, of whoever counts, and whoever calls."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from services.notifier.models import Due, PendingCount, PendingEnd, Verdict
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


class Deliveries(Protocol):
    """Where calls wait to be made."""

    async def add(self, due: Sequence[Due]) -> None: ...


class Work(Protocol):
    """One transaction over all of them."""

    @property
    def verdicts(self) -> Verdicts: ...

    @property
    def pending_ends(self) -> PendingEnds: ...

    @property
    def deliveries(self) -> Deliveries: ...

    def alone(self) -> None: ...


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[Work]]


class Observer(Protocol):
    """Is told of verdicts once they are given."""

    def decided(self, verdicts: Collection[Verdict]) -> None: ...

    def unanswered(self, verdicts: Collection[Verdict]) -> None: ...


class Webhooks(Protocol):
    """Knows who is to be called because of a verdict, and is woken once that is written."""

    async def due(self, verdicts: Sequence[Verdict]) -> Sequence[Due]: ...

    def wake(self) -> None: ...


class Nobody:
    """Nobody is to be called, whatever happens."""

    async def due(self, _verdicts: Sequence[Verdict]) -> Sequence[Due]:
        return ()

    def wake(self) -> None:
        """Nothing is ever due."""


async def give(work: Work, proposals: Sequence[Verdict], due: Sequence[Due]) -> Sequence[Verdict]:
    """Give these verdicts and write what is `due` because of those that were given."""
    given = await work.verdicts.add(proposals)
    if due:
        winners = {verdict.job_id: verdict for verdict in given}
        await work.deliveries.add([one for one in due if one.verdict.job_id in winners])
    return given
