"""Events survive the journey, and what cannot be read says exactly why."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import (
    CATALOG,
    Message,
    UndecodableMessageError,
    UnknownTypeError,
    decode,
    encode,
)
from shared.testing import a_media_deadline_passed, a_media_generated, an_event
from tests.message_builders import BUILDERS

MESSAGES: list[Message] = [build() for build in BUILDERS.values()]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def an_envelope(**changes: Any) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(encode(an_event(a_media_generated())))
    return envelope | changes


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_moment_survives_the_journey(moment: datetime) -> None:
    event = an_event(a_media_deadline_passed(deadline_at=moment))
    assert decode(encode(event)) == event


def test_every_message_of_the_catalog_has_a_builder() -> None:
    assert {message.type_name for message in MESSAGES} == set(CATALOG)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.type_name)
def test_what_is_encoded_is_what_is_decoded(message: Message) -> None:
    event = an_event(message, tenant="acme", correlationid="c")
    assert decode(encode(event)) == event


def test_an_event_is_a_cloudevent_in_structured_json() -> None:
    envelope = an_envelope()
    assert envelope["specversion"] == "1.0"
    assert envelope["type"] == "darkroom.media.generated.v1"
    assert envelope["subject"] == envelope["data"]["job_id"]
    assert envelope["time"] == "2026-01-02T03:04:05.000000Z"
    assert "traceparent" not in envelope


def test_unknown_fields_break_nobody() -> None:
    body = json.dumps(an_envelope(sentiment="glad") | {"data": an_envelope()["data"] | {"new": 1}})
    assert isinstance(decode(body.encode()).data, Message)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "a JSON object is needed, not list"),
        (b"{}", "`type` is missing"),
        (b'{"type": 7}', "`type` is missing"),
    ],
)
def test_what_is_no_event_says_so(body: bytes, reason: str) -> None:
    with pytest.raises(UndecodableMessageError, match=reason):
        decode(body)


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownTypeError, match=r"media\.painted"):
        decode(json.dumps(an_envelope(type="darkroom.media.painted.v1")).encode())


def test_data_of_the_wrong_shape_names_the_field() -> None:
    data = an_envelope()["data"] | {"attempt": {"number": 0}}
    with pytest.raises(UndecodableMessageError, match=r"attempt\.number: .*greater"):
        decode(json.dumps(an_envelope(data=data)).encode())


@pytest.mark.parametrize("field", ["id", "source", "time", "data"])
def test_an_envelope_without_a_required_attribute_is_refused(field: str) -> None:
    envelope = an_envelope()
    del envelope[field]
    with pytest.raises(UndecodableMessageError):
        decode(json.dumps(envelope).encode())


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_raise_anything_else(body: bytes) -> None:
    with pytest.raises((UndecodableMessageError, UnknownTypeError)):
        decode(body)


@given(st.dictionaries(st.sampled_from(["id", "time", "tenant", "data", "subject"]), JSON))
def test_no_envelope_raises_anything_else(changes: dict[str, Any]) -> None:
    with suppress(UndecodableMessageError):
        assert decode(json.dumps(an_envelope(**changes)).encode()).id
