"""Jobs that are to end, with an answer or without one."""

from datetime import timedelta

import pytest

from services.notifier.models import FinalOutcome
from services.notifier.service.closing import BATCH
from shared.clock import derived_id, uuid7
from shared.events import Deadline, MediaCanceled, MediaExpired, MediaReady, Message
from shared.testing import (
    MOMENT,
    a_media_cancel_requested,
    a_media_deadline_met,
    a_media_deadline_passed,
    a_media_generated,
    a_media_generation_canceled,
    an_attempt,
    an_event,
)
from tests.unit.notifier.harness import GRACE, Notifier

EARLIER = MOMENT - timedelta(seconds=5)


def an_answer_to_a_deadline(**changes: object) -> Message:
    return a_media_generation_canceled(**{"reason": "deadline_passed", **changes})


async def test_a_wish_alone_says_nothing_at_once() -> None:
    assert await Notifier().hear(a_media_cancel_requested(), a_media_deadline_passed()) == []


async def test_a_cancel_that_nobody_answers_is_canceled_after_the_grace() -> None:
    notifier = Notifier()
    await notifier.hear(a_media_cancel_requested(metadata={"order": 7}))
    assert await notifier.wait(GRACE - timedelta(seconds=1)) == []
    [canceled] = await notifier.wait(timedelta(seconds=1))
    assert isinstance(canceled, MediaCanceled)
    assert (canceled.reason, canceled.metadata, canceled.attempt) == (
        "canceled",
        {"order": 7},
        None,
    )


@pytest.mark.parametrize("deadline", Deadline)
async def test_a_deadline_that_nobody_answers_expires_after_the_grace(deadline: Deadline) -> None:
    notifier = Notifier()
    await notifier.hear(a_media_deadline_passed(deadline=deadline, deadline_at=EARLIER))
    [expired] = await notifier.wait()
    assert isinstance(expired, MediaExpired)
    assert (expired.deadline, expired.deadline_at) == (deadline, EARLIER)


async def test_an_answer_before_the_grace_is_over_decides() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_cancel_requested(job_id=job))
    attempt = an_attempt()
    [canceled] = await notifier.hear(a_media_generation_canceled(job_id=job, attempt=attempt))
    assert isinstance(canceled, MediaCanceled)
    assert canceled.attempt == attempt
    assert await notifier.wait() == []


async def test_work_that_ends_well_within_the_grace_is_ready() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_cancel_requested(job_id=job))
    [ready] = await notifier.hear(a_media_generated(job_id=job))
    assert isinstance(ready, MediaReady)
    assert await notifier.wait() == []


async def test_work_that_ends_after_the_job_was_closed_is_not_said() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_cancel_requested(job_id=job))
    await notifier.wait()
    assert await notifier.hear(a_media_generated(job_id=job)) == []
    assert notifier.verdicts.given[job].outcome is FinalOutcome.CANCELED


async def test_a_wish_and_its_answer_in_one_batch_leave_nothing_pending() -> None:
    notifier, job = Notifier(), uuid7()
    said = await notifier.hear(
        a_media_deadline_passed(job_id=job), an_answer_to_a_deadline(job_id=job)
    )
    assert [type(message) for message in said] == [MediaExpired]
    assert notifier.pending.kept == {}


@pytest.mark.parametrize("deadline", Deadline)
async def test_an_answer_to_a_deadline_expires_with_the_moment_that_was_heard(
    deadline: Deadline,
) -> None:
    notifier, job = Notifier(), uuid7()
    for other in Deadline:
        moment = EARLIER if other is deadline else MOMENT
        await notifier.hear(a_media_deadline_passed(job_id=job, deadline=other, deadline_at=moment))
    [expired] = await notifier.hear(an_answer_to_a_deadline(job_id=job, deadline=deadline))
    assert isinstance(expired, MediaExpired)
    assert (expired.deadline, expired.deadline_at) == (deadline, EARLIER)


async def test_an_answer_without_the_deadlines_name_takes_over_the_one_that_was_heard() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(
        a_media_deadline_passed(job_id=job, deadline=Deadline.TOTAL, deadline_at=EARLIER)
    )
    [expired] = await notifier.hear(an_answer_to_a_deadline(job_id=job))
    assert isinstance(expired, MediaExpired)
    assert (expired.deadline, expired.deadline_at) == (Deadline.TOTAL, EARLIER)


async def test_a_deadline_that_the_generator_saw_by_itself_expires_without_its_moment() -> None:
    [expired] = await Notifier().hear(an_answer_to_a_deadline(deadline=Deadline.TOTAL))
    assert isinstance(expired, MediaExpired)
    assert (expired.deadline, expired.deadline_at) == (Deadline.TOTAL, None)


@pytest.mark.parametrize("times", [1, 3])
async def test_a_deadline_to_start_that_was_met_is_void(times: int) -> None:
    job = uuid7()
    passed, met = a_media_deadline_passed(job_id=job), a_media_deadline_met(job_id=job)
    in_order, reversed_, at_once = Notifier(), Notifier(), Notifier()
    await in_order.hear(passed)
    for _ in range(times):
        await in_order.hear(met)
        await reversed_.hear(met)
        await reversed_.hear(passed)
        await at_once.hear(passed, met, passed)
    for notifier in (in_order, reversed_, at_once):
        assert await notifier.wait() == []


async def test_neither_a_cancel_nor_a_total_deadline_is_void_when_the_start_was_met() -> None:
    notifier = Notifier()
    canceled, overdue = uuid7(), uuid7()
    for job in (canceled, overdue):
        await notifier.hear(a_media_deadline_met(job_id=job))
    await notifier.hear(
        a_media_cancel_requested(job_id=canceled),
        a_media_deadline_passed(job_id=overdue, deadline=Deadline.TOTAL),
    )
    said = await notifier.wait()
    assert [type(message) for message in said] == [MediaCanceled, MediaExpired]


async def test_a_tombstone_goes_with_the_verdict() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_deadline_met(job_id=job))
    await notifier.hear(a_media_generated(job_id=job))
    assert notifier.pending.kept == {}


async def test_a_wish_that_comes_again_is_no_later_due() -> None:
    notifier, wish = Notifier(), a_media_cancel_requested()
    await notifier.hear(wish)
    await notifier.wait(GRACE - timedelta(seconds=1))
    await notifier.hear(wish, wish)
    assert len(await notifier.wait(timedelta(seconds=1))) == 1
    assert await notifier.wait() == []


async def test_a_wish_about_a_job_that_has_ended_is_forgotten() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_generated(job_id=job))
    assert await notifier.hear(a_media_cancel_requested(job_id=job)) == []
    assert notifier.pending.kept == {}


async def test_of_two_wishes_about_a_job_the_earlier_closes_it() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_deadline_passed(job_id=job))
    notifier.clock.advance(timedelta(seconds=1))
    await notifier.hear(a_media_cancel_requested(job_id=job))
    said = await notifier.wait(2 * GRACE)
    assert [type(message) for message in said] == [MediaExpired]
    assert notifier.pending.kept == {}


async def test_the_final_event_is_caused_by_the_wish_and_has_the_id_it_always_has() -> None:
    notifier, job = Notifier(), uuid7()
    wish = an_event(a_media_cancel_requested(job_id=job), tenant="acme", correlationid="order-7")
    await notifier.hear(wish)
    [verdict] = await notifier.watch()
    event = verdict.event
    assert event.causationid == verdict.caused_by == wish.id
    assert (event.tenant, event.correlationid) == ("acme", "order-7")
    assert event.id == str(derived_id(job, MediaCanceled.type_name, 0))


async def test_many_overdue_wishes_are_closed_batch_by_batch() -> None:
    notifier = Notifier()
    await notifier.hear(*(a_media_cancel_requested() for _ in range(2 * BATCH + 1)))
    assert len(await notifier.wait()) == 2 * BATCH + 1


async def test_what_nobody_answered_is_counted_apart() -> None:
    notifier = Notifier()
    await notifier.hear(a_media_cancel_requested(), a_media_generated())
    given = await notifier.watch()
    assert notifier.observer.without_answer == given


async def test_silence_counts_only_while_the_broker_can_be_heard() -> None:
    notifier = Notifier()
    await notifier.hear(a_media_cancel_requested())
    notifier.problem = "the broker is away"
    assert await notifier.wait(3 * GRACE) == []
    notifier.problem = None
    assert await notifier.wait(GRACE - timedelta(seconds=1)) == []
    assert len(await notifier.wait(timedelta(seconds=1))) == 1


async def test_silence_counts_anew_after_the_database_was_away() -> None:
    notifier = Notifier()
    await notifier.hear(a_media_cancel_requested())
    await notifier.wait(GRACE - timedelta(seconds=1))
    notifier.failure = ConnectionError("database away")
    with pytest.raises(ConnectionError):
        await notifier.wait(timedelta(seconds=1))
    notifier.failure = None
    assert await notifier.wait(GRACE - timedelta(seconds=1)) == []
    assert len(await notifier.wait(timedelta(seconds=1))) == 1
