"""Whatever arrives at the dead-letter queue is kept, with the best reason there is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.service.dead_messages import DeadMessage, dead_letter_of
from shared.clock import uuid7
from shared.messaging import dead_letters as header
from shared.testing import MOMENT

OURS = {
    header.QUEUE: "api.progress",
    header.ERROR_CLASS: "UndecodableMessageError",
    header.ERROR_CODE: "undecodable_message",
    header.ERROR_MESSAGE: "not JSON",
    header.ERROR_STACK: "Traceback …",
    header.ATTEMPT: 1,
    header.FIRST_SEEN: MOMENT.isoformat(),
    header.PREFIX + "exchange": "media.events",
    header.PREFIX + "routing-key": "media.ready.card",
}


def test_our_own_say_why() -> None:
    letter = dead_letter_of(DeadMessage(b"rubbish", OURS, type="x"), MOMENT, uuid7)

    assert letter.queue == "api.progress"
    assert letter.error_class == "UndecodableMessageError"
    assert letter.error_code == "undecodable_message"
    assert letter.routing_key == "media.ready.card"
    assert letter.stack.startswith("Traceback")


def test_the_default_exchange_has_no_name() -> None:
    headers = {**OURS, header.PREFIX + "exchange": ""}
    moved = {"x-death": [{"queue": "api.progress", "exchange": ""}]}

    for said in (headers, moved):
        letter = dead_letter_of(DeadMessage(b"x", said, exchange="media.dead"), MOMENT, uuid7)
        assert letter.exchange == ""


def test_the_same_one_delivered_twice_is_recognised() -> None:
    message = DeadMessage(b"rubbish", OURS)

    assert dead_letter_of(message, MOMENT, uuid7).id == dead_letter_of(message, MOMENT, uuid7).id


def test_one_that_is_buried_again_after_a_crash_is_the_same() -> None:
    later = {**OURS, header.FIRST_SEEN: (MOMENT + timedelta(seconds=1)).isoformat()}

    def identity(headers: dict[str, Any], message_id: str | None) -> UUID:
        message = DeadMessage(b"rubbish", headers, message_id=message_id)
        return dead_letter_of(message, MOMENT, uuid7).id

    assert identity(OURS, "event-1") == identity(later, "event-1")
    assert identity(OURS, "event-1") != identity(OURS, "event-2")
    assert identity(OURS, "event-1") != identity({**OURS, header.ATTEMPT: 2}, "event-1")
    assert identity(OURS, None) != identity(later, None), "nothing tells that it is the same"


def test_those_that_the_broker_moved_say_from_where_and_why() -> None:
    death = {
        "queue": "generator.card.batch",
        "reason": "delivery_limit",
        "exchange": "media.events",
        "routing-keys": ["media.requested.card.batch"],
        "count": 1,
        "time": datetime(2026, 1, 1, tzinfo=UTC),
    }

    letter = dead_letter_of(DeadMessage(b"{}", {"x-death": [death]}), MOMENT, uuid7)

    assert letter.queue == "generator.card.batch"
    assert letter.error_code == "delivery_limit"
    assert letter.routing_key == "media.requested.card.batch"
    assert "delivery_limit" in letter.error_message


def test_headers_of_ours_are_no_words_of_ours_on_what_the_broker_moved() -> None:
    death = {"queue": "api.commands", "reason": "expired", "exchange": "media.commands"}
    forged = {**OURS, header.QUEUE: "generator.control", "x-death": [death]}

    letter = dead_letter_of(DeadMessage(b"{}", forged), MOMENT, uuid7)

    assert (letter.queue, letter.exchange) == ("api.commands", "media.commands")
    assert (letter.error_class, letter.error_code) == ("DeadLetteredByBroker", "expired")


@pytest.mark.parametrize(
    ("user_id", "user", "sender"),
    [("shop", "api", "shop"), ("api", "api", "boss"), ("api", None, "api"), (None, "api", "")],
)
def test_it_is_kept_who_sent_it_and_where_the_answer_goes(
    user_id: str | None, user: str | None, sender: str
) -> None:
    message = DeadMessage(
        b"{}", {header.SENDER: "boss"}, user_id=user_id, reply_to="a", correlation_id="c"
    )

    letter = dead_letter_of(message, MOMENT, uuid7, user)

    assert (letter.sender, letter.reply_to, letter.correlation_id) == (sender, "a", "c")


@pytest.mark.parametrize("death", [None, [], "x", [5], [{}], [{"routing-keys": 5, "queue": None}]])
def test_a_strange_death_certificate_is_no_obstacle(death: Any) -> None:
    message = DeadMessage(b"", {"x-death": death}, routing_key="a.key")

    assert dead_letter_of(message, MOMENT, uuid7).queue == "a.key"


@given(
    st.dictionaries(
        st.text() | st.sampled_from(list(OURS)),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats()
            | st.text()
            | st.binary()
            | st.datetimes()
            | st.decimals()
            | st.just(Decimal("1.5")),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=8,
        ),
    ),
    st.binary(),
)
def test_whatever_the_headers_hold_can_be_kept(headers: dict[str, Any], body: bytes) -> None:
    letter = dead_letter_of(DeadMessage(body, headers), MOMENT, uuid7)

    written = orjson.dumps(letter.headers)
    assert rb"\u0000" not in written.replace(rb"\\", b"")
    for text in (letter.queue, letter.error_message, letter.stack, letter.routing_key):
        assert "\x00" not in text
        text.encode()
