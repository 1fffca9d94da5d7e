"""The names on the broker fit each other, and every event finds a listener."""

import re
from fnmatch import fnmatchcase

import pytest

from shared.events import CloudEvent, Lane, Message, routing_key
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing, outgoing
from shared.testing import builders
from shared.testing.builders import an_event

MESSAGES = [
    getattr(builders, name)()
    for name in sorted(vars(builders))
    if name.startswith(("a_media", "a_gen"))
]


def queues_of(event: CloudEvent) -> set[str]:
    """Where the broker puts this event."""
    return queues_for(outgoing(event))


def queues_for(message: Outgoing) -> set[str]:
    return {
        queue.name
        for queue in topology.all_queues(["card"])
        for binding in queue.bindings
        if binding.exchange == message.exchange and matches(binding.pattern, message.routing_key)
    }


def matches(pattern: str, key: str) -> bool:
    """AMQP topic matching, for patterns that end in `#` or have no wildcard."""
    if pattern.endswith(".#"):
        return key == pattern[:-2] or key.startswith(pattern[:-1])
    return pattern == "#" or fnmatchcase(key, pattern)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type_name)
def test_every_event_that_must_arrive_has_a_queue(message: Message) -> None:
    event = an_event(message)
    assert queues_of(event) or not outgoing(event).mandatory


def test_what_was_made_reaches_the_notifier_whose_word_reaches_the_read_model() -> None:
    assert queues_of(an_event(builders.a_media_generated())) == {"notifier.outcomes"}
    assert queues_of(an_event(builders.a_media_ready())) == {"api.progress"}


def test_what_is_undone_is_not_made_again() -> None:
    wanted = {queue.name: queue.bindings for queue in topology.all_queues([])}
    for name, bindings in topology.RETIRED.items():
        assert not set(bindings) & set(wanted[name])


@pytest.mark.parametrize("lane", Lane)
def test_a_request_waits_in_the_queue_of_its_generator_and_lane(lane: Lane) -> None:
    assert queues_of(an_event(builders.a_media_requested(lane=lane))) == {f"generator.card.{lane}"}


@pytest.mark.parametrize("lane", Lane)
def test_what_a_tenant_has_beyond_its_share_waits_in_a_queue_of_its_own(lane: Lane) -> None:
    message = outgoing(an_event(builders.a_media_requested(lane=lane)), overflow=True)

    assert queues_for(message) == {f"generator.card.{lane}.overflow"}
    assert topology.spared_key(message.routing_key) == f"media.requested.card.{lane}"


def test_only_what_overflows_has_another_way() -> None:
    assert topology.spared_key(outgoing(an_event(builders.a_media_requested())).routing_key) is None


def test_a_command_reaches_the_api() -> None:
    assert queues_of(an_event(builders.a_media_request())) == {"api.commands"}


def test_control_reaches_the_generators_and_names_the_one_it_is_about() -> None:
    assert queues_of(an_event(builders.a_control())) == {"generator.control"}
    assert routing_key(an_event(builders.a_control())) == "media.control.card"
    assert routing_key(an_event(builders.a_control(generator=None))) == "media.control"


def test_a_wish_to_stop_reaches_who_stops_it_and_who_closes_it() -> None:
    for wish in (builders.a_media_cancel_requested(), builders.a_media_deadline_passed()):
        assert queues_of(an_event(wish)) == {"generator.control", "notifier.outcomes"}


def test_a_job_can_miss_both_of_its_deadlines() -> None:
    start = builders.a_media_deadline_passed(deadline="start")
    total = builders.a_media_deadline_passed(job_id=start.job_id, deadline="total")
    assert an_event(start).id != an_event(total).id


def test_names_of_queues_are_unique() -> None:
    names = [queue.name for queue in topology.all_queues(["card", "art"])]
    assert len(names) == len(set(names)) == 13


def policies_of(queue: str) -> list[topology.Policy]:
    return [policy for policy in topology.POLICIES if re.search(policy.pattern, queue)]


def test_every_queue_but_the_dead_letters_own_is_dead_lettered() -> None:
    names = {queue.name for queue in topology.all_queues(["card"])}
    leading_on = {
        name
        for name in names
        if any("dead-letter-exchange" in policy.definition for policy in policies_of(name))
    }
    assert names - leading_on == {"dead-letters"}


def test_every_queue_has_one_policy_and_a_dead_letter_comes_back_as_often_as_it_takes() -> None:
    for queue in topology.all_queues(["card"]):
        [policy] = policies_of(queue.name)
        enough = policy.definition["delivery-limit"] >= 1_000_000
        assert enough == (queue.name == "dead-letters")


def test_routing_keys_say_type_and_generator() -> None:
    assert routing_key(an_event(builders.a_media_ready())) == "media.ready.card"
    assert routing_key(an_event(builders.a_generator_announced())) == "generator.announced.card"
    assert routing_key(an_event(builders.a_media_rejected())) == "media.rejected.crad"
