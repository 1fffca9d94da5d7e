"""What the end of an attempt means."""

from datetime import timedelta
from random import Random

import pytest

from services.generator.errors import POLICIES, FailureClass
from services.generator.models import LostAttempt, Status
from services.generator.runtime.setback import Setback
from services.generator.service import events
from services.generator.service.backoff import Backoff
from services.generator.service.verdicts import Verdicts
from shared.events import (
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaRetrying,
    Outcome,
)
from shared.testing import MOMENT, FixedClock, an_asset
from tests.unit.generator.builders import a_claimed_job

TRANSIENT = Setback("busy", "It is busy.", FailureClass.TRANSIENT)
PERMANENT = Setback("refused", "It refuses.", FailureClass.PERMANENT)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MOMENT + timedelta(seconds=3))


@pytest.fixture
def verdicts(clock: FixedClock) -> Verdicts:
    backoff = Backoff(timedelta(seconds=1), timedelta(seconds=60), Random(1))
    return Verdicts("w1", backoff, clock)


def test_what_was_made_is_generated(verdicts: Verdicts, clock: FixedClock) -> None:
    result = verdicts.generated(a_claimed_job(), (an_asset(),))

    assert (result.status, result.attempt.outcome) == (Status.GENERATED, Outcome.SUCCEEDED)
    assert (result.attempt.started_at, result.attempt.ended_at) == (MOMENT, clock.now())
    assert isinstance(result.event.data, MediaGenerated)
    assert result.event.data.metadata == {"order": 7}


def test_a_passing_failure_is_retried_later(verdicts: Verdicts, clock: FixedClock) -> None:
    result = verdicts.failed(a_claimed_job(), TRANSIENT)

    assert (result.status, result.attempt.outcome) == (Status.RETRYING, Outcome.FAILED)
    assert isinstance(result.event.data, MediaRetrying)
    assert result.delay is not None
    assert timedelta(0) <= result.delay <= timedelta(seconds=1)
    assert result.event.data.next_attempt_at == clock.now() + result.delay


def test_a_lasting_failure_fails_at_once(verdicts: Verdicts) -> None:
    result = verdicts.failed(a_claimed_job(), PERMANENT)

    assert (result.status, result.delay) == (Status.FAILED, None)
    assert isinstance(result.event.data, MediaGenerationFailed)
    assert result.event.data.failure.message == "It refuses."


def test_the_last_attempt_fails_whatever_the_reason(verdicts: Verdicts) -> None:
    result = verdicts.failed(a_claimed_job(attempt=5), TRANSIENT)

    assert result.status is Status.FAILED
    assert result.attempt.failure is not None
    assert result.attempt.failure.retryable


def test_a_timeout_is_an_outcome_of_its_own(verdicts: Verdicts) -> None:
    setback = Setback("timed_out", "It took longer than 1 s.", FailureClass.TIMED_OUT)

    assert verdicts.failed(a_claimed_job(), setback).attempt.outcome is Outcome.TIMED_OUT


def test_a_canceled_job_is_not_tried_again(verdicts: Verdicts) -> None:
    result = verdicts.canceled(a_claimed_job())

    assert (result.status, result.attempt.outcome) == (Status.CANCELED, Outcome.CANCELED)
    assert isinstance(result.event.data, MediaGenerationCanceled)


def test_a_released_attempt_is_not_held_against_the_job(verdicts: Verdicts) -> None:
    result = verdicts.released(a_claimed_job(attempt=5))

    assert (result.status, result.uncounted) == (Status.RETRYING, True)
    assert result.attempt.outcome is Outcome.LOST
    assert result.delay == timedelta(0)


def test_a_clock_that_lags_behind_the_database_ends_no_attempt_before_its_start() -> None:
    behind = Verdicts("w1", Backoff(), FixedClock(MOMENT - timedelta(seconds=1)))

    assert behind.generated(a_claimed_job(), ()).attempt.ended_at == MOMENT


def test_saying_it_again_has_the_same_id(verdicts: Verdicts, clock: FixedClock) -> None:
    job = a_claimed_job()
    first = verdicts.failed(job, PERMANENT)
    clock.advance(timedelta(minutes=1))

    assert verdicts.failed(job, PERMANENT).event.id == first.event.id


def test_a_job_that_was_taken_over_says_so() -> None:
    lost = LostAttempt(1, "dead", "local", MOMENT)

    event = events.taken_over(a_claimed_job(attempt=2, lost=lost), MOMENT)

    assert event is not None
    assert isinstance(event.data, MediaRetrying)
    assert (event.data.attempt.number, event.data.attempt.worker) == (1, "dead")
    assert event.data.failure.code == "worker_lost"


def test_a_job_that_was_not_taken_over_says_nothing() -> None:
    assert events.taken_over(a_claimed_job(), MOMENT) is None


@pytest.mark.parametrize("attempt", [1, 2, 5, 40, 99])
def test_delays_double_up_to_the_cap_and_are_spread_from_zero(attempt: int) -> None:
    base, cap = timedelta(seconds=0.5), timedelta(seconds=60)
    backoff = Backoff(base, cap, Random(7))
    ceiling = min(cap, base * 2 ** min(attempt - 1, 20))

    delays = [backoff.delay(attempt) for _ in range(200)]

    assert all(timedelta(0) <= delay <= ceiling for delay in delays)
    assert min(delays) < ceiling * 0.2
    assert max(delays) > ceiling * 0.8


def test_what_a_provider_asks_for_is_honoured() -> None:
    delay = Backoff().delay(1, timedelta(seconds=90))

    assert timedelta(seconds=90) <= delay <= timedelta(seconds=90.5)


def test_a_provider_may_not_ask_for_days() -> None:
    assert Backoff().delay(1, timedelta(days=3)) < timedelta(hours=2)
