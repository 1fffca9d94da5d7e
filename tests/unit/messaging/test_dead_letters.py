"""A dead letter carries the message unchanged, and says why it died."""

from typing import Any

import pytest
from pamqp.encode import field_table

from shared.errors import InvalidInputError
from shared.messaging import dead_letters
from shared.messaging.answers import DIRECT
from shared.messaging.connection import user_of
from shared.messaging.dead_letters import SENDER, dead_letter, sender_of
from shared.messaging.delivery import Delivery
from shared.testing import MOMENT
from tests.unit.messaging.deliveries import a_delivery


def a_message(headers: dict[str, Any] | None = None, **properties: Any) -> Delivery:
    named = {"message_id": "m1", "message_type": "t", **properties}
    return a_delivery(b"{rubbish", headers=headers, **named)


def raised(error: Exception) -> Exception:
    """The error with a stack, as a handler raises it."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_the_body_is_unchanged_and_the_reason_stands_in_headers() -> None:
    error = raised(InvalidInputError("no title"))
    letter = dead_letter(a_message(), queue="api.commands", error=error, now=MOMENT)
    assert (letter.exchange, letter.routing_key) == ("media.dead", "api.commands")
    assert letter.body == b"{rubbish"
    assert letter.headers[dead_letters.QUEUE] == "api.commands"
    assert letter.headers[dead_letters.ERROR_CLASS] == "InvalidInputError"
    assert letter.headers[dead_letters.ERROR_CODE] == "invalid_input"
    assert letter.headers[dead_letters.ERROR_MESSAGE] == "no title"
    assert "test_dead_letters.py" in letter.headers[dead_letters.ERROR_STACK]
    assert letter.headers[dead_letters.FIRST_SEEN] == MOMENT.isoformat()
    assert letter.headers["x-darkroom-routing-key"] == "media.ready.card"


def test_a_bug_has_a_code_too() -> None:
    letter = dead_letter(a_message(), queue="q", error=KeyError("x"), now=MOMENT)
    assert letter.headers[dead_letters.ERROR_CODE] == "handler_error"


def test_a_letter_that_dies_again_counts_and_remembers_when_it_was_first_seen() -> None:
    message = a_message({dead_letters.ATTEMPT: 2, dead_letters.FIRST_SEEN: "2025-01-01"})
    letter = dead_letter(message, queue="q", error=ValueError(), now=MOMENT)
    assert letter.headers[dead_letters.ATTEMPT] == 3
    assert letter.headers[dead_letters.FIRST_SEEN] == "2025-01-01"


def test_other_headers_are_kept_but_not_the_brokers_own() -> None:
    message = a_message({"tenant": "acme", "x-death": [{"count": 1}]})
    letter = dead_letter(message, queue="q", error=ValueError(), now=MOMENT)
    assert letter.headers["tenant"] == "acme"
    assert "x-death" not in letter.headers


def test_strange_headers_never_keep_a_letter_from_being_sent() -> None:
    message = a_message({"tenant": "acme"})
    message.headers.update({dead_letters.ATTEMPT: "many", "odd": object(), "é" * 300: 1})
    message.headers["big"] = "x" * 90_000
    letter = dead_letter(message, queue="q", error=ValueError("\udc80" * 100_000), now=MOMENT)
    assert len(field_table(dict(letter.headers))) < 40_000
    assert letter.headers[dead_letters.ATTEMPT] == 1


@pytest.mark.parametrize(
    ("user_id", "said", "sender"),
    [
        ("shop", {}, "shop"),
        ("shop", {SENDER: "boss"}, "shop"),
        (None, {SENDER: "boss"}, None),
        ("api", {SENDER: "shop"}, "shop"),
        ("api", {SENDER: ""}, None),
        ("api", {SENDER: 5}, "api"),
        ("api", {}, "api"),
    ],
)
def test_only_we_are_believed_that_another_has_sent_it(
    user_id: str | None, said: dict[str, Any], sender: str | None
) -> None:
    assert sender_of(user_id, said, "api") == sender

    message = a_message(said, user_id=user_id, reply_to="shop.answers", correlation_id="c-1")
    letter = dead_letter(message, queue="q", error=ValueError(), now=MOMENT, user="api")
    assert (letter.user_id, letter.headers[SENDER]) == ("api", sender or "")
    assert (letter.reply_to, letter.correlation_id) == ("shop.answers", "c-1")


def test_where_nobody_is_to_be_believed_nobody_is_named() -> None:
    assert sender_of("api", {SENDER: "shop"}, None) == "api"

    message = a_message({SENDER: "boss"}, user_id="shop")
    letter = dead_letter(message, queue="q", error=ValueError(), now=MOMENT)
    assert letter.user_id is None
    assert SENDER not in letter.headers


def test_the_word_for_direct_replies_would_be_our_own_address() -> None:
    for said, kept in ((DIRECT, None), (f"{DIRECT}.g1h2", f"{DIRECT}.g1h2")):
        message = a_message(reply_to=said)
        letter = dead_letter(message, queue="q", error=ValueError(), now=MOMENT)
        assert letter.reply_to == kept


@pytest.mark.parametrize(
    ("url", "user"),
    [
        ("amqp://api:secret@host:5672/", "api"),
        ("amqp://a%40b:secret@host/%2F?heartbeat=5", "a@b"),
        ("amqp://host", "guest"),
    ],
)
def test_a_url_says_who_we_are(url: str, user: str) -> None:
    assert user_of(url) == user
