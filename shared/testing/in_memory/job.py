"""One job in memory: where it stands, and what is said of each step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.events import (
    Attempt,
    Failure,
    MediaCanceled,
    MediaCancelRequested,
    MediaDeleted,
    MediaExpired,
    MediaFailed,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaProgressed,
    MediaReady,
    MediaRequested,
    MediaRetrying,
    MediaStarted,
    Message,
    Outcome,
    RequestSpec,
)
from shared.events.parts import DeletionReason
from shared.testing.in_memory.outcomes import MadeFile

FINAL = frozenset({"ready", "failed", "canceled", "expired"})
DEFAULT_ATTEMPTS = 5
WORKER = "in-memory:1:1"


@dataclass
class InMemoryJob:
    """Moved on by `DarkroomInMemory`; each step answers the events that announce it."""

    id: UUID
    spec: RequestSpec
    created_at: datetime
    correlation_id: str
    retried_from: UUID | None = None
    status: str = "queued"
    progress: dict[str, Any] | None = None
    attempts: list[Attempt] = field(default_factory=list)
    files: tuple[MadeFile, ...] = ()
    failure: Failure | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    def accepted(self) -> Iterator[Message]:
        spec = self.spec
        yield MediaRequested(
            **self._about(),
            input=spec.input,
            lane=spec.priority,
            requested_at=self.created_at,
            deadline_at=self._after(spec.deadline_seconds),
            finish_by=self._after(spec.total_timeout_seconds),
            attempt_timeout_seconds=spec.attempt_timeout_seconds,
            max_attempts=spec.max_attempts or DEFAULT_ATTEMPTS,
            retried_from=self.retried_from,
        )

    def start(self, now: datetime) -> Iterator[Message]:
        self._begin(now)
        yield MediaStarted(**self._about(), attempt=self.attempts[-1])

    def advance(self, percent: float | None, message: str | None) -> Iterator[Message]:
        self.progress = {"percent": percent, "message": message, "preview": None}
        said = self._about(passed=False)
        yield MediaProgressed(**said, attempt=len(self.attempts), percent=percent, message=message)

    def stumble(self, now: datetime, failure: Failure, pause: timedelta) -> Iterator[Message]:
        attempt = self._end_attempt(now, Outcome.FAILED, failure)
        self.status, self.updated_at = "retrying", now
        yield MediaRetrying(
            **self._about(), attempt=attempt, failure=failure, next_attempt_at=now + pause
        )

    def finish(self, now: datetime, files: Sequence[MadeFile]) -> Iterator[Message]:
        attempt = self._end_attempt(now, Outcome.SUCCEEDED)
        self.files, assets = tuple(files), tuple(file.asset for file in files)
        self._end(now, "ready")
        self.progress = {"percent": 100.0, "message": None, "preview": None}
        yield MediaGenerated(**self._about(), attempt=attempt, assets=assets)
        yield MediaReady(**self._about(), finished_at=now, assets=assets, attempt=attempt)

    def fail(self, now: datetime, failure: Failure) -> Iterator[Message]:
        attempt = self._end_attempt(now, Outcome.FAILED, failure)
        self.failure = failure
        self._end(now, "failed")
        yield MediaGenerationFailed(**self._about(), attempt=attempt, failure=failure)
        yield MediaFailed(**self._about(), finished_at=now, failure=failure, attempt=attempt)

    def cancel(self, now: datetime) -> Iterator[Message]:
        yield MediaCancelRequested(**self._about(), requested_at=now)
        attempt = self._end_attempt(now, Outcome.CANCELED) if self.status == "running" else None
        self._end(now, "canceled")
        yield MediaGenerationCanceled(**self._about(), attempt=attempt)
        yield MediaCanceled(**self._about(), finished_at=now, attempt=attempt)

    def expire(self, now: datetime) -> Iterator[Message]:
        self._end(now, "expired")
        deadline_at = self._after(self.spec.deadline_seconds) or now
        yield MediaExpired(**self._about(), finished_at=now, deadline_at=deadline_at)

    def delete(self, now: datetime) -> Iterator[Message]:
        about = {"job_id": self.id, "generator": self.spec.generator}
        yield MediaDeleted(**about, reason=DeletionReason.REQUESTED, deleted_at=now)

    def _about(self, *, passed: bool = True) -> dict[str, Any]:
        about: dict[str, Any] = {"job_id": self.id, "generator": self.spec.generator}
        handed_on = {"metadata": self.spec.metadata, "webhook": self.spec.webhook}
        return about | (handed_on if passed else {})

    def _after(self, seconds: int | None) -> datetime | None:
        return None if seconds is None else self.created_at + timedelta(seconds=seconds)

    def _begin(self, now: datetime) -> None:
        attempt = Attempt(number=len(self.attempts) + 1, worker=WORKER, started_at=now)
        self.attempts.append(attempt)
        self.status, self.updated_at = "running", now
        self.started_at = self.started_at or now

    def _end_attempt(
        self, now: datetime, outcome: Outcome, failure: Failure | None = None
    ) -> Attempt:
        """The attempt that runs, or that a quick job had without its start being announced."""
        if self.status != "running":
            self._begin(now)
        ended = {"ended_at": now, "outcome": outcome, "failure": failure}
        self.attempts[-1] = self.attempts[-1].model_copy(update=ended)
        return self.attempts[-1]

    def _end(self, now: datetime, status: str) -> None:
        self.status, self.finished_at, self.updated_at = status, now, now
        self.progress = None
