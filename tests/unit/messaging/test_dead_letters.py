"""A dead letter carries the message unchanged, and says why it died."""

from typing import Any

from pamqp.encode import field_table

from shared.errors import InvalidInputError
from shared.messaging import dead_letters
from shared.messaging.dead_letters import dead_letter
from shared.messaging.delivery import Delivery
from shared.testing import MOMENT
from tests.unit.messaging.deliveries import a_delivery


def a_message(headers: dict[str, Any] | None = None) -> Delivery:
    return a_delivery(b"{rubbish", headers=headers, message_id="m1", message_type="t")


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
