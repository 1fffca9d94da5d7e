"""The api, as far as the core hears of it: requests, wishes, deadlines, words of operators."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.clock import Clock
from shared.events import (
    Action,
    ControlGenerators,
    Deadline,
    Lane,
    MediaCancelRequested,
    MediaDeadlinePassed,
    MediaReconciled,
    MediaRequested,
    Message,
    Resolution,
    announce,
)
from tests.model.broker import FakeBroker

SOURCE = "/darkroom/api"


class Api:
    """Says each thing once; the broker may repeat it."""

    def __init__(self, broker: FakeBroker, clock: Clock) -> None:
        self._broker = broker
        self._clock = clock
        self.words = 0
        self._due: dict[tuple[UUID, Deadline], datetime] = {}
        self.accepted: list[UUID] = []
        self.wanted: set[UUID] = set()
        self._decided: set[tuple[UUID, int]] = set()

    def accept(
        self, lane: Lane, max_attempts: int, start_within: int | None, end_within: int | None
    ) -> UUID:
        """A request for a card; seconds until it is to have begun, and to have ended."""
        job_id = UUID(f"00000000-0000-7000-8000-{len(self.accepted) + 1:012d}")
        now = self._clock.now()
        moments = {
            Deadline.START: _in(now, start_within),
            Deadline.TOTAL: _in(now, end_within),
        }
        self._due |= {(job_id, kind): due for kind, due in moments.items() if due is not None}
        self.accepted.append(job_id)
        self.wanted.add(job_id)
        self._say(
            MediaRequested(
                job_id=job_id,
                generator="card",
                input={},
                lane=lane,
                max_attempts=max_attempts,
                requested_at=now,
                deadline_at=moments[Deadline.START],
                finish_by=moments[Deadline.TOTAL],
            )
        )
        return job_id

    def cancel(self, job_id: UUID) -> None:
        """It is not wanted any more."""
        if job_id in self.wanted:
            self.wanted.remove(job_id)
            now = self._clock.now()
            self._say(MediaCancelRequested(job_id=job_id, generator="card", requested_at=now))

    def reconcile(self, job_id: UUID, attempt: int, resolution: Resolution) -> None:
        """Somebody has looked at the provider, and decided; once about each attempt."""
        if (job_id, attempt) in self._decided:
            return
        self._decided.add((job_id, attempt))
        order = "theirs" if resolution is Resolution.ATTACH else None
        self._say(
            MediaReconciled(
                job_id=job_id,
                generator="card",
                attempt=attempt,
                resolution=resolution,
                provider_job_id=order,
                reconciled_at=self._clock.now(),
            )
        )

    @property
    def overdue(self) -> list[tuple[UUID, Deadline]]:
        """Deadlines that have passed, and were not announced yet."""
        return [missed for missed, due in self._due.items() if due <= self._clock.now()]

    def announce_deadlines(self) -> None:
        """Say of all that are overdue that they are; whether the job has begun is not known."""
        for job_id, kind in self.overdue:
            due = self._due.pop((job_id, kind))
            self._say(
                MediaDeadlinePassed(job_id=job_id, generator="card", deadline_at=due, deadline=kind)
            )

    def pause(self) -> None:
        """Operators want no more cards for now."""
        self._control(ControlGenerators(action=Action.PAUSE, generator="card"))

    def resume(self) -> None:
        """Operators want everything to go on."""
        self._control(ControlGenerators(action=Action.RESUME))

    def _control(self, word: ControlGenerators) -> None:
        self.words += 1
        self._say(word, event_id=f"word-{self.words:04d}")

    def _say(self, message: Message, event_id: str | None = None) -> None:
        now = self._clock.now()
        self._broker.send(announce(message, source=SOURCE, time=now, event_id=event_id))


def _in(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
