"""What the end of an attempt means: recorded with it, and said.

The class of an error decides whether another attempt follows, not the place that caught it.
"""

from datetime import datetime, timedelta
from typing import Any

from services.generator.errors import POLICIES, FailureClass
from services.generator.models import Cause, ClaimedJob, Result, Status
from services.generator.runtime.setback import Setback
from services.generator.service import events
from services.generator.service.backoff import Backoff
from shared.clock import Clock
from shared.events import Asset, Attempt, CloudEvent, Failure, Outcome
from shared.messaging.outgoing import outgoing

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
        return Attempt(
            number=job.attempt,
            worker=self._worker,
            backend=job.backend,
            started_at=job.started_at,
            cost=job.bill.cost,
        )

    def generated(self, job: ClaimedJob, assets: tuple[Asset, ...]) -> Result:
        """It was made."""
        now = self._clock.now()
        ended_at = max(now, job.started_at)
        message = events.generated(job, self._worker, assets, ended_at, now)
        return Result(job, Status.GENERATED, Outcome.SUCCEEDED, ended_at, message, assets)

    def failed(
        self, job: ClaimedJob, setback: Setback, time_left: timedelta | None = None
    ) -> Result:
        """It was not made: tried again if its class allows that, and if there is time for it.

        A retry that could not begin before the job has to be finished is not waited for: the job
        fails now, with the reason at hand. Where nobody knows whether a provider has taken it, it
        is neither repeated nor failed: it waits for somebody who decides.
        """
        failure = Failure(code=setback.code, message=setback.message, retryable=setback.retryable)
        if setback.kind is FailureClass.UNKNOWN:
            return self._parked(job, failure)
        timed_out = setback.kind is FailureClass.TIMED_OUT
        outcome = Outcome.TIMED_OUT if timed_out else Outcome.FAILED
        delay = self._delay(job, setback)
        if delay is not None and (time_left is None or delay < time_left):
            job.leave_order()
            attempt, now = self._close(job, outcome, failure)
            event = events.retrying(job, attempt, failure, now + delay, now)
            return _result(job, Status.RETRYING, attempt, event, setback=setback.kind, delay=delay)
        attempt, now = self._close(job, outcome, failure)
        return _result(
            job,
            Status.FAILED,
            attempt,
            events.failed(job, attempt, failure, now),
            setback=setback.kind,
            abandoned=setback.retryable,
        )

    def _parked(self, job: ClaimedJob, failure: Failure) -> Result:
        attempt, now = self._close(job, Outcome.FAILED, failure)
        event = events.needs_reconciliation(job, attempt, failure, now)
        told = {"setback": FailureClass.UNKNOWN, "uncounted": True}
        return _result(job, Status.NEEDS_RECONCILIATION, attempt, event, **told)

    def canceled(self, job: ClaimedJob) -> Result:
        """Somebody wanted it stopped."""
        return self._stopped(job, Cause.CANCELED)

    def overdue(self, job: ClaimedJob) -> Result:
        """It was to be finished by now."""
        return self._stopped(job, Cause.TOTAL)

    def released(self, job: ClaimedJob) -> Result:
        """This worker stops: the job is free again, and the attempt is not held against it."""
        job.leave_order()
        attempt, now = self._close(job, Outcome.LOST, RELEASED)
        event = events.retrying(job, attempt, RELEASED, now, now)
        return _result(job, Status.RETRYING, attempt, event, delay=timedelta(0), uncounted=True)

    def _delay(self, job: ClaimedJob, setback: Setback) -> timedelta | None:
        """The pause before the next attempt; None: there is none."""
        most = POLICIES[setback.kind].most
        tries = job.setbacks.get(setback.kind, 0) + 1
        if job.attempt >= job.max_attempts or (most is not None and tries >= most):
            return None
        return self._backoff.delay(job.attempt, setback.retry_after)

    def _stopped(self, job: ClaimedJob, cause: Cause) -> Result:
        attempt, now = self._close(job, Outcome.CANCELED)
        event = events.canceled(job, attempt, now, cause)
        return _result(job, Status.CANCELED, attempt, event, abandoned=True)

    def _close(
        self, job: ClaimedJob, outcome: Outcome, failure: Failure | None = None
    ) -> tuple[Attempt, datetime]:
        now = self._clock.now()
        attempt = Attempt(
            number=job.attempt,
            worker=self._worker,
            backend=job.backend,
            started_at=job.started_at,
            ended_at=max(now, job.started_at),
            outcome=outcome,
            failure=failure,
            cost=job.bill.cost,
        )
        return attempt, now


def _result(
    job: ClaimedJob, status: Status, attempt: Attempt, event: CloudEvent, **more: Any
) -> Result:
    ended_at = attempt.ended_at or job.started_at
    said = outgoing(event)
    return Result(job, status, attempt.outcome, ended_at, said, failure=attempt.failure, **more)
