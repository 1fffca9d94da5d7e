"""The lives that jobs may have had, told in the events that the services really say.

The generator's and the notifier's own words are used, with one clock for both. The last word may be
about something else than the generator's answer: who comes late has lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.generator.errors import FailureClass
from services.generator.models import Brief, Cause, ClaimedJob, LostAttempt, StoppedJob
from services.generator.runtime.setback import Setback
from services.generator.service import events
from services.generator.service.backoff import Backoff
from services.generator.service.verdicts import Verdicts
from services.notifier.service.proposal import Answer, Wish, verdict
from shared.events import (
    CloudEvent,
    Lane,
    MediaCancelRequested,
    MediaDeadlinePassed,
    Origin,
    announce,
)
from shared.testing import MOMENT, FixedClock, an_asset

_NOT_NOW = Setback("rate_limited", "Not now.", FailureClass.RATE_LIMITED)
_IN_DOUBT = Setback("outcome_unknown", "Who knows?", FailureClass.UNKNOWN)
_NEVER = Setback("invalid_input", "It does not fit.", FailureClass.PERMANENT)


class Setbacks(StrEnum):
    """How an attempt ended that was followed by another."""

    FAILED = "failed"
    RELEASED = "released"
    LOST = "lost"
    UNKNOWN = "unknown"


class Answered(StrEnum):
    """What the generator said in the end."""

    GENERATED = "generated"
    FAILED = "failed"
    CANCELED = "canceled"
    OVERDUE = "overdue"
    NEVER_STARTED = "never started"


class Judged(StrEnum):
    """What the notifier went by."""

    ANSWER = "the answer"
    CANCEL = "a wish to cancel that was not answered in time"
    DEADLINE = "a deadline that was not answered in time"


@dataclass(frozen=True)
class Story:
    """How one job went; `announced` are the attempts that lasted long enough for a word."""

    setbacks: tuple[Setbacks, ...]
    announced: frozenset[int]
    answered: Answered
    judged: Judged


def tell(story: Story, job_id: UUID) -> list[CloudEvent]:
    """Its events, in the order in which they were said; the last one is the last word."""
    return list(_Narrator(story, job_id).tell())


class _Narrator:
    def __init__(self, story: Story, job_id: UUID) -> None:
        self._story = story
        self._id = job_id
        self._clock = FixedClock(MOMENT)
        self._verdicts = Verdicts("w1", Backoff(timedelta(0), timedelta(0)), self._clock)

    def tell(self) -> Iterator[CloudEvent]:
        for number, setback in enumerate(self._story.setbacks, start=1):
            yield from self._start(number)
            yield self._set_back(self._job(number), setback)
        last = len(self._story.setbacks) + 1
        if self._story.answered is not Answered.NEVER_STARTED:
            yield from self._start(last)
        answer = self._answer(self._job(last))
        yield answer
        yield self._last_word(answer)

    def _start(self, number: int) -> Iterator[CloudEvent]:
        if number in self._story.announced:
            job = self._job(number)
            yield events.started(job, self._verdicts.attempt(job), self._later())

    def _set_back(self, job: ClaimedJob, setback: Setbacks) -> CloudEvent:
        self._later()
        if setback is Setbacks.FAILED:
            return self._verdicts.failed(job, _NOT_NOW).event
        if setback is Setbacks.UNKNOWN:
            return self._verdicts.failed(job, _IN_DOUBT).event
        if setback is Setbacks.RELEASED:
            return self._verdicts.released(job).event
        lost = LostAttempt(job.attempt, "w1", "local", job.started_at)
        taken_over = events.taken_over(self._job(job.attempt + 1, lost), self._clock.now())
        assert taken_over is not None, "an attempt was lost"
        return taken_over

    def _answer(self, job: ClaimedJob) -> CloudEvent:
        now = self._later()
        match self._story.answered:
            case Answered.GENERATED:
                return self._verdicts.generated(job, (an_asset(),)).event
            case Answered.FAILED:
                return self._verdicts.failed(job, _NEVER).event
            case Answered.CANCELED:
                return self._verdicts.canceled(job).event
            case Answered.OVERDUE:
                return self._verdicts.overdue(job).event
        stopped = StoppedJob(job.id, job.generator, job.brief, None, Cause.CANCELED)
        return events.canceled(stopped, None, now, Cause.CANCELED)

    def _last_word(self, answer: CloudEvent) -> CloudEvent:
        now = self._later()
        cause = answer
        if self._story.judged is Judged.CANCEL:
            wish = MediaCancelRequested(job_id=self._id, generator="card", requested_at=MOMENT)
            cause = announce(wish, source="/darkroom/api", time=MOMENT)
        elif self._story.judged is Judged.DEADLINE:
            late = MediaDeadlinePassed(job_id=self._id, generator="card", deadline_at=MOMENT)
            cause = announce(late, source="/darkroom/api", time=MOMENT)
        assert isinstance(cause.data, Answer | Wish), "it says how a job ends"
        return verdict(cause, cause.data, now, None).event

    def _job(self, number: int, lost: LostAttempt | None = None) -> ClaimedJob:
        return ClaimedJob(
            id=self._id,
            tenant="default",
            generator="card",
            lane=Lane.INTERACTIVE,
            input={},
            brief=Brief(origin=Origin("default", "corr")),
            attempt=number,
            max_attempts=9,
            fence=number,
            started_at=MOMENT + timedelta(minutes=number),
            waited=0.0,
            lost=lost,
        )

    def _later(self) -> datetime:
        return self._clock.advance(timedelta(seconds=20))
