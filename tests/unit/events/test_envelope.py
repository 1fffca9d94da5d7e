"""Ids that are the same when an event is said again, and versions that put events in order."""

import pytest

from shared.clock import derived_id, uuid7
from shared.events import MediaReady, Message, Origin, announce
from shared.events.parts import FINAL_VERSION
from shared.testing import (
    MOMENT,
    a_generator_announced,
    a_media_canceled,
    a_media_expired,
    a_media_failed,
    a_media_generated,
    a_media_generation_canceled,
    a_media_generation_failed,
    a_media_ready,
    a_media_request,
    a_media_requested,
    a_media_retrying,
    a_media_started,
    an_attempt,
    an_event,
)


def test_saying_it_again_has_the_same_id() -> None:
    job = uuid7()
    assert an_event(a_media_started(job_id=job)).id == an_event(a_media_started(job_id=job)).id


def test_another_attempt_is_another_event() -> None:
    job = uuid7()
    first, second = (
        an_event(a_media_started(job_id=job, attempt=an_attempt(number=number)))
        for number in (1, 2)
    )
    assert first.id != second.id


def test_a_final_event_has_the_id_of_its_job_and_type_alone() -> None:
    ready = a_media_ready(attempt=an_attempt(number=3))
    assert an_event(ready).id == str(derived_id(ready.job_id, MediaReady.type_name, 0))


@pytest.mark.parametrize("message", [a_generator_announced(), a_media_request()])
def test_a_message_about_no_job_needs_an_id(message: Message) -> None:
    with pytest.raises(ValueError, match="give it an event_id"):
        announce(message, source="/tests", time=MOMENT)


def test_what_an_event_causes_knows_its_tenant_chain_and_cause() -> None:
    cause = an_event(a_media_requested(), tenant="acme", correlationid="order-7", traceparent="t")
    assert Origin.of(cause) == Origin("acme", "order-7", cause.id, "t")
    assert Origin(**Origin.of(cause).as_dict()) == Origin.of(cause)


def test_the_life_of_a_job_is_in_the_order_of_its_versions() -> None:
    second = an_attempt(number=2)
    life = [
        a_media_requested(),
        a_media_started(),
        a_media_retrying(),
        a_media_started(attempt=second),
        a_media_generated(attempt=second),
        a_media_ready(),
    ]
    versions = [event.version for event in life]
    assert versions == sorted(versions)
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(
    "final", [a_media_ready(), a_media_failed(), a_media_canceled(), a_media_expired()]
)
def test_nothing_comes_after_a_final_event(final: Message) -> None:
    others = [
        a_media_generation_failed(attempt=an_attempt(number=100)),
        a_media_generation_canceled(attempt=an_attempt(number=100)),
    ]
    assert final.version == FINAL_VERSION > max(other.version for other in others)
