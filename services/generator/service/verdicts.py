"""What the end of an attempt means: recorded with it, and said.

The class of an error decides whether another attempt follows, not the place that caught it.
"""

from datetime import datetime

from services.generator.models import ClaimedJob, Result, Status
from services.generator.runtime.setback import Setback
from services.generator.service import events
from services.generator.service.backoff import Backoff
from shared.clock import Clock
from shared.events import Asset, Attempt, Failure, Outcome

RELEASED = Failure(
    code="worker_stopped",
    message="The worker was stopped before it was done; another one goes on.",
    retryable=True,
)


class Verdicts:
    """Makes results of the attempts of one worker."""

    def __init__(self, worker: str, backoff: Backoff, clock: Clock) -> None:
        self._worker = worker
        self._backoff = backoff
        self._clock = clock

    def attempt(self, job: ClaimedJob) -> Attempt:
        """The attempt that runs."""
        return Attempt(number=job.attempt, worker=self._worker, started_at=job.started_at)

    def generated(self, job: ClaimedJob, assets: tuple[Asset, ...]) -> Result:
        """It was made."""
        attempt, now = self._close(job, Outcome.SUCCEEDED)
        event = events.generated(job, attempt, assets, now)
        return Result(job, Status.GENERATED, attempt, event, assets)

    def failed(self, job: ClaimedJob, setback: Setback) -> Result:
        """It was not made: tried again if that makes sense and attempts are left."""
        failure = Failure(code=setback.code, message=setback.message, retryable=setback.retryable)
        outcome = Outcome.TIMED_OUT if setback.timed_out else Outcome.FAILED
        attempt, now = self._close(job, outcome, failure)
        if not setback.retryable or job.attempt >= job.max_attempts:
            event = events.failed(job, attempt, failure, now)
            return Result(job, Status.FAILED, attempt, event)
        next_at = now + self._backoff.delay(job.attempt, setback.retry_after)
        event = events.retrying(job, attempt, failure, next_at, now)
        return Result(job, Status.RETRYING, attempt, event, available_at=next_at)

    def canceled(self, job: ClaimedJob) -> Result:
        """Somebody wanted it stopped."""
        attempt, now = self._close(job, Outcome.CANCELED)
        return Result(job, Status.CANCELED, attempt, events.canceled(job, attempt, now))

    def released(self, job: ClaimedJob) -> Result:
        """This worker stops: the job is free again, and the attempt is not held against it."""
        attempt, now = self._close(job, Outcome.LOST, RELEASED)
        event = events.retrying(job, attempt, RELEASED, now, now)
        return Result(job, Status.RETRYING, attempt, event, available_at=now, uncounted=True)

    def _close(
        self, job: ClaimedJob, outcome: Outcome, failure: Failure | None = None
    ) -> tuple[Attempt, datetime]:
        now = self._clock.now()
        ended = {"ended_at": max(now, job.started_at), "outcome": outcome, "failure": failure}
        return self.attempt(job).model_copy(update=ended), now
