"""The model of the notifier: answers decide at once, wishes when nobody answers in time."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from services.notifier.models import EndKind
from shared.events import (
    CloudEvent,
    MediaCancelRequested,
    MediaDeadlineMet,
    MediaDeadlinePassed,
    MediaGenerated,
    MediaGenerationFailed,
)
from shared.events.parts import JobMessage
from tests.model.actors import GRACE
from tests.model.evidence import NotifierEvidence
from tests.model.expected import must


class Arbiter:
    """Who has the last word about each job, and which wishes wait for an answer."""

    def __init__(self, now: datetime) -> None:
        self.listening_since = now
        self._decided: dict[UUID, tuple[CloudEvent, ...]] = {}
        self._pending: dict[tuple[UUID, EndKind], tuple[datetime, CloudEvent]] = {}
        self._void: set[UUID] = set()

    def must_agree(self, seen: NotifierEvidence) -> None:
        """The tables say this; of causes that are as good as each other they name one."""
        must(seen.verdicts.keys() == self._decided.keys(), "every end is judged, and nothing else")
        for job_id, verdict in seen.verdicts.items():
            why = {event.id: _outcome(event) for event in self._decided[job_id]}
            must(why.get(verdict.caused_by) == verdict.outcome, "the first outcome decides")
        due = {key: moment for key, (moment, _) in self._pending.items()}
        must(seen.pending == due, "an unanswered wish waits for its time")

    def decide(self, heard: Iterable[CloudEvent], now: datetime) -> None:
        """A batch: wishes are kept, then the first answer about each job counts."""
        answers: list[CloudEvent] = []
        for event in heard:
            if isinstance(event.data, MediaDeadlineMet):
                self._forget_start(event.data.job_id)
            elif not isinstance(event.data, MediaCancelRequested | MediaDeadlinePassed):
                answers.append(event)
        for event in heard:
            if isinstance(event.data, MediaCancelRequested | MediaDeadlinePassed):
                self._keep(event, now)
        for event in answers:
            self._judge(_job_of(event), (event,))

    def close_overdue(self, now: datetime) -> None:
        """Nobody has answered, though it would have been heard: the earliest wish counts."""
        if now - self.listening_since < GRACE:
            return
        overdue = [(job_id, *kept) for (job_id, _), kept in self._pending.items() if kept[0] <= now]
        for job_id in {job_id for job_id, *_ in overdue}:
            mine = [(moment, event) for about, moment, event in overdue if about == job_id]
            first = min(moment for moment, _ in mine)
            self._judge(job_id, tuple(event for moment, event in mine if moment == first))

    def _keep(self, wish: CloudEvent, now: datetime) -> None:
        job_id, kind = _job_of(wish), _kind(wish)
        void = kind is EndKind.START and job_id in self._void
        if job_id not in self._decided and not void:
            self._pending.setdefault((job_id, kind), (now + GRACE, wish))

    def _forget_start(self, job_id: UUID) -> None:
        if job_id not in self._decided:
            self._void.add(job_id)
            self._pending.pop((job_id, EndKind.START), None)

    def _judge(self, job_id: UUID, causes: tuple[CloudEvent, ...]) -> None:
        self._decided.setdefault(job_id, causes)
        for kind in EndKind:
            self._pending.pop((job_id, kind), None)


def _kind(wish: CloudEvent) -> EndKind:
    if isinstance(wish.data, MediaDeadlinePassed):
        return EndKind(wish.data.deadline.value)
    return EndKind.CANCEL


def _outcome(event: CloudEvent) -> str:
    match event.data:
        case MediaGenerated():
            return "ready"
        case MediaGenerationFailed():
            return "failed"
        case MediaDeadlinePassed():
            return "expired"
    return "expired" if getattr(event.data, "reason", "") == "deadline_passed" else "canceled"


def _job_of(event: CloudEvent) -> UUID:
    assert isinstance(event.data, JobMessage)
    return event.data.job_id
