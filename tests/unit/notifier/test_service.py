"""The arbiter: one last word a job, whatever comes, in whatever order, however often."""

import pytest

from services.notifier.errors import NotAnOutcomeError
from services.notifier.models import FinalOutcome
from shared.clock import derived_id, uuid7
from shared.events import (
    MediaCanceled,
    MediaFailed,
    MediaReady,
    Message,
    Webhook,
    decode,
    encode,
)
from shared.testing import (
    MOMENT,
    a_failure,
    a_media_deadline_passed,
    a_media_deleted,
    a_media_generated,
    a_media_generation_canceled,
    a_media_generation_failed,
    a_media_progressed,
    a_media_ready,
    an_asset,
    an_event,
)
from tests.unit.notifier.harness import Notifier


async def test_generated_media_is_ready_with_all_that_was_passed_on() -> None:
    generated = a_media_generated(
        metadata={"order": 7}, webhook=Webhook(url="https://example.org/hook"), assets=[an_asset()]
    )
    [ready] = await Notifier().hear(generated)
    assert isinstance(ready, MediaReady)
    assert ready.model_dump() == {**generated.model_dump(), "finished_at": MOMENT}


async def test_a_failed_generation_says_why() -> None:
    failure = a_failure(code="invalid_input", message="The title is too long.")
    [failed] = await Notifier().hear(a_media_generation_failed(failure=failure))
    assert isinstance(failed, MediaFailed)
    assert failed.failure == failure


async def test_a_canceled_generation_is_canceled_for_the_same_reason() -> None:
    [canceled] = await Notifier().hear(a_media_generation_canceled(reason="by the user"))
    assert isinstance(canceled, MediaCanceled)
    assert canceled.reason == "by the user"


async def test_the_first_of_two_outcomes_in_one_batch_wins() -> None:
    job = uuid7()
    said = await Notifier().hear(
        a_media_generation_failed(job_id=job), a_media_generated(job_id=job)
    )
    assert [type(message) for message in said] == [MediaFailed]


async def test_an_outcome_after_the_last_word_changes_nothing() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_generated(job_id=job))
    assert await notifier.hear(a_media_generation_failed(job_id=job)) == []
    assert notifier.verdicts.given[job].outcome is FinalOutcome.READY


async def test_what_was_deleted_is_forgotten_and_nothing_heard_of_it_counts() -> None:
    notifier, job = Notifier(), uuid7()
    await notifier.hear(a_media_generated(job_id=job))

    late = a_media_deadline_passed(job_id=job, deadline="total")
    other = a_media_generated()
    said = await notifier.hear(a_media_deleted(job_id=job), late, other)

    assert [type(message) for message in said] == [MediaReady]
    assert notifier.verdicts.forgotten == {job}
    assert await notifier.hear(late, a_media_deleted(job_id=job)) == []


async def test_a_redelivered_outcome_is_said_once() -> None:
    notifier, generated = Notifier(), a_media_generated()
    assert len(await notifier.hear(generated)) == 1
    assert await notifier.hear(generated, generated) == []


async def test_an_api_that_missed_the_last_word_hears_it_when_it_asks_for_the_end() -> None:
    notifier = Notifier()
    ready = a_media_generated()
    await notifier.hear(ready)
    for wish in (
        a_media_deadline_passed(job_id=ready.job_id, deadline="total"),
        a_media_deadline_passed(job_id=ready.job_id, deadline="start"),
        a_media_deadline_passed(deadline="total"),
    ):
        assert await notifier.hear(wish) == []
    assert [again.job_id for again in notifier.verdicts.said_again] == [ready.job_id]


async def test_the_final_event_carries_on_the_chain_of_its_cause() -> None:
    cause = an_event(
        a_media_generated(),
        tenant="acme",
        correlationid="order-7",
        traceparent="00-11111111111111111111111111111111-2222222222222222-01",
    )
    [verdict] = await Notifier().service.decide([cause])
    event = verdict.event
    assert (event.tenant, event.correlationid, event.traceparent) == (
        cause.tenant,
        cause.correlationid,
        cause.traceparent,
    )
    assert event.causationid == verdict.caused_by == cause.id
    assert decode(encode(event)) == event


async def test_the_final_event_of_a_job_always_has_the_same_id() -> None:
    job = uuid7()
    [first] = await Notifier().service.decide([an_event(a_media_generated(job_id=job))])
    [other] = await Notifier().service.decide([an_event(a_media_generated(job_id=job))])
    assert first.event.id == other.event.id == str(derived_id(job, MediaReady.type_name, 0))


@pytest.mark.parametrize(
    ("among", "alone"),
    [
        (a_media_generation_failed(), True),
        (a_media_generation_canceled(reason="by the user"), True),
        (a_media_generation_canceled(reason="deadline_passed"), False),
        (a_media_deadline_passed(), False),
    ],
)
async def test_answers_need_one_statement_unless_wishes_are_looked_up(
    among: Message, alone: bool
) -> None:
    notifier = Notifier()
    await notifier.hear(a_media_generated(), among, a_media_generated())
    assert [work.is_alone for work in notifier.works] == [alone]


@pytest.mark.parametrize("message", [a_media_progressed(), a_media_ready()])
async def test_an_event_that_is_no_outcome_is_refused(message: Message) -> None:
    with pytest.raises(NotAnOutcomeError, match=message.type_name):
        await Notifier().hear(message)


async def test_verdicts_are_counted_only_when_they_are_written() -> None:
    notifier = Notifier(failure=ConnectionError("database away"))
    with pytest.raises(ConnectionError):
        await notifier.hear(a_media_generated())
    assert notifier.observer.seen == []
