"""What the end of an attempt means."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from services.generator.errors import POLICIES, BadOutputError, FailureClass
from services.generator.models import Brief, ClaimedJob, LostAttempt, Status
from services.generator.runtime.setback import Setback
from services.generator.service import events
from services.generator.service.backoff import Backoff
from services.generator.service.verdicts import Verdicts
from shared.events import (
    Asset,
    Attempt,
    Deadline,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaNeedsReconciliation,
    MediaRetrying,
    Origin,
    Outcome,
    Webhook,
    announce,
)
from shared.generators import ProviderJob
from shared.messaging.outgoing import outgoing
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


def test_what_nobody_knows_is_neither_repeated_nor_failed(
    verdicts: Verdicts, clock: FixedClock
) -> None:
    job = a_claimed_job(max_attempts=1, ordered=ProviderJob("replicate", "p-1", 1))
    unknown = Setback("outcome_unknown", "Who knows?", FailureClass.UNKNOWN)

    result = verdicts.failed(job, unknown)

    assert (result.status, result.attempt.outcome) == (Status.NEEDS_RECONCILIATION, Outcome.FAILED)
    assert (result.delay, result.uncounted, result.abandoned) == (None, True, False)
    data = result.event.data
    assert isinstance(data, MediaNeedsReconciliation)
    assert (data.provider, data.provider_job_id, data.since) == ("replicate", "p-1", clock.now())
    assert (data.failure.code, data.failure.retryable) == ("outcome_unknown", False)


def test_every_attempt_says_where_it_ran_and_what_it_costs(verdicts: Verdicts) -> None:
    job = a_claimed_job()
    job.bill.charge("replicate", 0.25)

    said = [
        verdicts.attempt(job),
        verdicts.generated(job, ()).attempt,
        verdicts.failed(job, TRANSIENT).attempt,
        verdicts.failed(job, PERMANENT).attempt,
        verdicts.canceled(job).attempt,
        verdicts.released(job).attempt,
    ]

    assert {(attempt.backend, attempt.cost) for attempt in said} == {("replicate", 0.25)}


def test_an_order_that_the_next_attempt_goes_on_with_is_charged_there(verdicts: Verdicts) -> None:
    def a_job(order: str | None, **changes: int) -> ClaimedJob:
        job = a_claimed_job(ordered=ProviderJob("replicate", order, 1), **changes)
        job.bill.charge("replicate", 0.25)
        return job

    assert verdicts.failed(a_job("p-1"), TRANSIENT).attempt.cost is None
    assert verdicts.released(a_job("p-1")).attempt.cost is None
    assert verdicts.failed(a_job(None), TRANSIENT).attempt.cost == 0.25
    assert verdicts.failed(a_job("p-1", attempt=5), TRANSIENT).attempt.cost == 0.25
    assert verdicts.canceled(a_job("p-1")).attempt.cost == 0.25


def test_an_attempt_that_has_ordered_ran_where_it_has_ordered() -> None:
    job = a_claimed_job(ordered=ProviderJob("comfyui", None, 1))
    assert job.backend == "comfyui"

    job.bill.charge("cheaper", None)

    assert job.backend == "cheaper"
    assert a_claimed_job().backend == "local"


MOMENTS = [MOMENT, MOMENT + timedelta(microseconds=1)]
ORIGINS = [Origin(), Origin("acme", "corr", "cause", "00-ab-cd-01")]
WEBHOOKS = [None, Webhook(url="https://a.example/hook"), Webhook(url="https://b", events=("x",))]
ASSETS = [(), (an_asset(), an_asset(role="thumbnail", filename="é.png", provenance={"a": None}))]


@pytest.mark.parametrize("now", MOMENTS)
@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("webhook", WEBHOOKS)
@pytest.mark.parametrize("assets", ASSETS)
@pytest.mark.parametrize("cost", [None, 0.25])
def test_what_is_written_by_hand_is_what_the_models_would_say(
    now: datetime,
    origin: Origin,
    webhook: Webhook | None,
    *,
    assets: tuple[Asset, ...],
    cost: float | None,
) -> None:
    job = a_claimed_job(brief=Brief({"order": 7, "none": None}, webhook, origin), attempt=3)

    if cost is not None:
        job.bill.charge("replicate", cost)

    said = events.generated(job, "w1", assets, now, now)

    attempt = Attempt(
        number=3,
        worker="w1",
        backend=job.backend,
        started_at=MOMENT,
        ended_at=now,
        outcome=Outcome.SUCCEEDED,
        cost=cost,
    )
    data = MediaGenerated(
        job_id=job.id,
        generator=job.generator,
        metadata=job.brief.metadata,
        webhook=webhook,
        attempt=attempt,
        assets=assets,
    )
    assert said == outgoing(announce(data, source=events.SOURCE, time=now, origin=origin))


def test_what_cannot_be_told_is_bad_output(verdicts: Verdicts) -> None:
    with pytest.raises(BadOutputError):
        verdicts.generated(a_claimed_job(), (an_asset(provenance={"model": object()}),))


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
    assert (result.event.data.reason, result.event.data.deadline) == ("canceled", None)


def test_a_job_that_had_to_be_finished_by_now_says_so(verdicts: Verdicts) -> None:
    result = verdicts.overdue(a_claimed_job())

    assert (result.status, result.attempt.outcome) == (Status.CANCELED, Outcome.CANCELED)
    assert isinstance(result.event.data, MediaGenerationCanceled)
    assert result.event.data.reason == "deadline_passed"
    assert result.event.data.deadline is Deadline.TOTAL


def test_a_retry_that_could_not_begin_in_time_is_not_waited_for(verdicts: Verdicts) -> None:
    asked = replace(TRANSIENT, retry_after=timedelta(minutes=5))

    late = verdicts.failed(a_claimed_job(), asked, timedelta(minutes=5))
    in_time = verdicts.failed(a_claimed_job(), asked, timedelta(minutes=6))

    assert (late.status, in_time.status) == (Status.FAILED, Status.RETRYING)
    assert isinstance(late.event.data, MediaGenerationFailed)
    assert late.event.data.failure.message == "It is busy."


FAILING = [kind for kind in FailureClass if kind is not FailureClass.UNKNOWN]


@pytest.mark.parametrize("kind", FAILING)
def test_each_class_ends_the_job_when_it_was_tried_as_often_as_its_policy_allows(
    verdicts: Verdicts, kind: FailureClass
) -> None:
    setback = Setback("code", "It failed.", kind)
    most = POLICIES[kind].most or 5

    tries = [
        verdicts.failed(a_claimed_job(attempt=number, setbacks={kind.value: number - 1}), setback)
        for number in range(1, most + 1)
    ]

    assert [one.status for one in tries] == [Status.RETRYING] * (most - 1) + [Status.FAILED]
    assert all(one.setback is kind for one in tries)


def test_failures_of_another_class_are_not_held_against_it(verdicts: Verdicts) -> None:
    job = a_claimed_job(attempt=4, setbacks={"crashed": 2, "transient": 1})

    result = verdicts.failed(job, Setback("timed_out", "Too slow.", FailureClass.TIMED_OUT))

    assert result.status is Status.RETRYING


@pytest.mark.parametrize("kind", FAILING)
def test_a_job_with_one_attempt_is_never_tried_again(
    verdicts: Verdicts, kind: FailureClass
) -> None:
    result = verdicts.failed(a_claimed_job(max_attempts=1), Setback("code", "It failed.", kind))

    assert result.status is Status.FAILED


def test_work_at_a_provider_is_abandoned_unless_the_provider_itself_ended_it(
    verdicts: Verdicts,
) -> None:
    last = a_claimed_job(attempt=5)
    ends = [verdicts.canceled(last), verdicts.overdue(last), verdicts.failed(last, TRANSIENT)]

    assert all(end.abandoned for end in ends)
    assert not verdicts.failed(last, PERMANENT).abandoned
    assert not verdicts.failed(a_claimed_job(), TRANSIENT).abandoned
    assert not verdicts.released(a_claimed_job()).abandoned


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
