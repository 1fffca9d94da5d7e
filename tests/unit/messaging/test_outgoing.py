"""What ops see of a message in the management UI, and how it must arrive."""

from shared.database.connection import Connection
from shared.events import decode
from shared.messaging.connection import connection_url
from shared.messaging.outbox import Bundle
from shared.messaging.outgoing import outgoing
from shared.testing import (
    MOMENT,
    a_media_progressed,
    a_media_ready,
    a_media_rejected,
    a_media_request,
    an_event,
)


def test_an_event_travels_persistent_and_must_arrive() -> None:
    event = an_event(a_media_ready(), correlationid="order-7")
    message = outgoing(event)
    assert (message.exchange, message.routing_key) == ("media.events", "media.ready.card")
    assert (message.message_id, message.type, message.timestamp) == (event.id, event.type, MOMENT)
    assert message.correlation_id == "order-7"
    assert message.persistent
    assert message.mandatory
    assert decode(message.body) == event


def test_progress_may_be_lost() -> None:
    message = outgoing(an_event(a_media_progressed()))
    assert message.exchange == "media.live"
    assert not message.persistent
    assert not message.mandatory


def test_a_rejection_needs_no_listener_but_survives_a_restart() -> None:
    message = outgoing(an_event(a_media_rejected()))
    assert not message.mandatory
    assert message.persistent


def test_a_command_has_an_exchange_of_its_own() -> None:
    message = outgoing(an_event(a_media_request()))
    assert (message.exchange, message.routing_key) == ("media.commands", "media.request")


def test_outbox_rows_are_columns_and_what_is_the_same_in_all_is_said_once() -> None:
    events = [an_event(a_media_ready()), an_event(a_media_rejected())]
    parameters = Bundle.of(events).parameters(Connection(None, {}))
    assert parameters["outbox_subjects"] == [events[0].subject, None]
    assert parameters["outbox_types"] == [event.type for event in events]
    assert parameters["outbox_mandatory"] == [True, False]
    assert parameters["outbox_exchanges"] == ["media.events"]
    assert len(parameters["outbox_bodies"]) == 2


def test_a_broker_url_gets_a_short_heartbeat_and_a_name() -> None:
    url = connection_url("amqp://user:p%40ss@host:5672/", name="api out")
    assert "heartbeat=10" in url
    assert "name=api+out" in url or "name=api%20out" in url
    assert "p%40ss@host" in url


def test_a_heartbeat_that_was_given_stays() -> None:
    assert "heartbeat=3" in connection_url("amqp://host/?heartbeat=3", name="x")
