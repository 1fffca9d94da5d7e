"""One job as it must be, in plain Python: what a worker may do with it, and how it ends."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.generator.errors import MOST_LOST
from services.generator.models import Cause
from shared.events import Lane
from tests.model.evidence import AttemptFacts, JobFacts

FINAL = frozenset({"generated", "failed", "canceled"})


class BrokenPromiseError(AssertionError):
    """Something is not as it must be."""


def must(kept: bool, promise: str) -> None:
    """Raises `BrokenPromiseError` unless the promise is kept."""
    if not kept:
        raise BrokenPromiseError(promise)


@dataclass(slots=True)
class ExpectedJob:
    """A job of the generator. `cause`: why somebody wants it stopped, or why it was."""

    id: UUID
    lane: Lane
    status: str
    max_attempts: int
    available_at: datetime
    deadline_at: datetime | None = None
    finish_by: datetime | None = None
    fence: int = 0
    lease_until: datetime | None = None
    flagged: bool = False
    cause: Cause | None = None
    attempts: list[AttemptFacts] = field(default_factory=list)
    setbacks: dict[str, int] = field(default_factory=dict)

    @property
    def attempt(self) -> int:
        return len(self.attempts)

    @property
    def finished(self) -> bool:
        return self.status in FINAL

    @property
    def parked(self) -> bool:
        """It waits until somebody has decided."""
        return self.status == "needs_reconciliation"

    @property
    def facts(self) -> JobFacts:
        """The row that it is."""
        return JobFacts(
            id=self.id,
            status=self.status,
            attempt=self.attempt,
            max_attempts=self.max_attempts,
            fence=self.fence,
            lease_until=self.lease_until,
            available_at=self.available_at,
            flagged=self.flagged,
            cause=self.cause,
            setbacks=self.setbacks,
            finished=self.finished,
        )

    def abandoned(self, now: datetime) -> bool:
        """Its worker let the lease expire."""
        return self.status == "running" and self.lease_until is not None and self.lease_until < now

    def may_be_taken_over(self) -> bool:
        """Another attempt may follow when a worker is lost now."""
        lost = self.setbacks.get("lost", 0) + 1
        return self.attempt < self.max_attempts and lost < MOST_LOST

    def claimable(self, now: datetime) -> bool:
        """A worker may have it now."""
        if self.finished or self.parked or self.flagged or _passed(self.finish_by, now):
            return False
        if self.status == "running":
            return self.abandoned(now) and self.may_be_taken_over()
        in_time = self.attempt > 0 or not _passed(self.deadline_at, now)
        return self.available_at <= now and in_time

    def why_stopped(self, now: datetime) -> Cause | None:
        """The first wish to stop it, else the deadline that it has missed."""
        if self.flagged:
            return self.cause
        if _passed(self.finish_by, now):
            return Cause.TOTAL
        return Cause.START if self.attempt == 0 and _passed(self.deadline_at, now) else None

    def begin(self, worker: str, lease_until: datetime) -> None:
        """A worker has it."""
        self.status, self.fence, self.lease_until = "running", self.fence + 1, lease_until
        self.attempts.append(AttemptFacts(self.attempt + 1, self.fence, worker, "running", False))

    def lose(self) -> None:
        """Its worker is gone."""
        self.setbacks = self.setbacks | {"lost": self.setbacks.get("lost", 0) + 1}
        self.close_attempt("lost")

    def close_attempt(self, outcome: str) -> None:
        """The attempt that ran is over."""
        last = self.attempts[-1]
        self.attempts[-1] = AttemptFacts(last.number, last.fence, last.worker, outcome, True)

    def rest(self, status: str) -> None:
        """Nobody has it any more."""
        self.status, self.lease_until = status, None


def _passed(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now
