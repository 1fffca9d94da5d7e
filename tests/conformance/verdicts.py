"""What every keeper of verdicts does: the fake of the unit tests, and the repository."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from uuid import UUID

from services.notifier.models import FinalOutcome, Verdict
from shared.events import Message
from shared.testing import a_media_expired, a_media_ready, an_event


def a_verdict(message: Message | None = None) -> Verdict:
    """The job is ready, or what `message` says."""
    event = an_event(message or a_media_ready(), tenant="acme")
    assert event.subject is not None
    outcome = FinalOutcome(event.type.split(".")[2])
    return Verdict(UUID(event.subject), "card", outcome, "cause", event)


class VerdictsConformance(ABC):
    """Subclasses say how verdicts are added, each call in a transaction of its own."""

    @abstractmethod
    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]: ...

    async def test_the_first_verdict_on_a_job_is_given(self) -> None:
        verdict = a_verdict()
        assert await self.add([verdict]) == {verdict.job_id}

    async def test_the_second_verdict_on_a_job_is_not(self) -> None:
        first = a_verdict()
        second = a_verdict(a_media_expired(job_id=first.job_id))
        await self.add([first])
        assert await self.add([second]) == set()

    async def test_a_batch_gives_what_is_new_and_only_that(self) -> None:
        old, new = a_verdict(), [a_verdict() for _ in range(3)]
        await self.add([old])
        assert await self.add([new[0], old, *new[1:]]) == {verdict.job_id for verdict in new}

    async def test_an_empty_batch_gives_nothing(self) -> None:
        assert await self.add([]) == set()
