"""The arbiter of the last word: the first outcome of a job decides, later ones change nothing.

Outcomes come in any order and more than once (a job generated just as its deadline passes; a
delivery repeated after a crash). Neighbours: `subscribers` brings them, `repository` holds the
verdicts, the outbox says them.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.notifier.errors import NotAnOutcomeError
from services.notifier.models import FinalOutcome, Verdict
from shared.clock import Clock
from shared.events import (
    CloudEvent,
    MediaCanceled,
    MediaDeadlinePassed,
    MediaExpired,
    MediaFailed,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaReady,
    Origin,
    announce,
)

SOURCE = "/darkroom/notifier"

Outcome = MediaGenerated | MediaGenerationFailed | MediaGenerationCanceled | MediaDeadlinePassed
Final = MediaReady | MediaFailed | MediaCanceled | MediaExpired

OUTCOME_OF: dict[type[Final], FinalOutcome] = {
    MediaReady: FinalOutcome.READY,
    MediaFailed: FinalOutcome.FAILED,
    MediaCanceled: FinalOutcome.CANCELED,
    MediaExpired: FinalOutcome.EXPIRED,
}


class Verdicts(Protocol):
    """Where verdicts are kept."""

    async def add(self, verdicts: Sequence[Verdict]) -> set[UUID]: ...


class Work(Protocol):
    """One transaction over the verdicts."""

    @property
    def verdicts(self) -> Verdicts: ...


class Observer(Protocol):
    """Is told of verdicts once they are given."""

    def decided(self, verdicts: Collection[Verdict]) -> None: ...


class NotificationService:
    """Decides who is told what about how a job ended."""

    def __init__(
        self,
        unit_of_work: Callable[[], AbstractAsyncContextManager[Work]],
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._observer = observer

    async def decide(self, outcomes: Sequence[CloudEvent]) -> list[Verdict]:
        """Give the verdict on each job that has none yet. Answers those that were given now."""
        proposed: dict[UUID, Verdict] = {}
        for event in outcomes:
            verdict = self.propose(event)
            proposed.setdefault(verdict.job_id, verdict)
        async with self._unit_of_work() as work:
            decided = await work.verdicts.add(list(proposed.values()))
        given = [verdict for verdict in proposed.values() if verdict.job_id in decided]
        self._observer.decided(given)
        return given

    def propose(self, event: CloudEvent) -> Verdict:
        """The verdict that `event` asks for. Raises `NotAnOutcomeError`."""
        outcome = event.data
        if not isinstance(outcome, Outcome):
            raise NotAnOutcomeError(f"{event.type} does not say how a job ended")
        now = self._clock.now()
        final = last_word(outcome, now)
        return Verdict(
            job_id=outcome.job_id,
            generator=outcome.generator,
            outcome=OUTCOME_OF[type(final)],
            caused_by=event.id,
            event=announce(final, source=SOURCE, time=now, origin=Origin.of(event)),
        )


def last_word(outcome: Outcome, now: datetime) -> Final:
    """What is said to everyone because of `outcome`."""
    passed: dict[str, Any] = {
        "job_id": outcome.job_id,
        "generator": outcome.generator,
        "metadata": outcome.metadata,
        "webhook": outcome.webhook,
        "finished_at": now,
    }
    match outcome:
        case MediaGenerated():
            return MediaReady(**passed, assets=outcome.assets, attempt=outcome.attempt)
        case MediaGenerationFailed():
            return MediaFailed(**passed, failure=outcome.failure, attempt=outcome.attempt)
        case MediaGenerationCanceled():
            return MediaCanceled(**passed, reason=outcome.reason, attempt=outcome.attempt)
        case MediaDeadlinePassed():
            return MediaExpired(**passed, deadline_at=outcome.deadline_at)
