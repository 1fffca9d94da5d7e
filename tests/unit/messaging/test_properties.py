"""Properties that no decoder likes are left out; the body's size, and so the body, is not."""

import struct

import pytest
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.messaging.properties import UNREADABLE, read_any_properties


def frame(properties: Basic.Properties) -> bytes:
    return bytes(ContentHeader(body_size=7, properties=properties).marshal())


def read(data: bytes) -> ContentHeader:
    read_any_properties()
    header = ContentHeader()
    header.unmarshal(data)
    return header


def test_what_can_be_read_is_read() -> None:
    header = read(frame(Basic.Properties(message_id="m", headers={"a": 1}, expiration="60")))
    assert header.properties.message_id == "m"
    assert header.properties.headers == {"a": 1}
    assert header.properties.expiration == "60"


def test_what_cannot_be_read_is_left_out_and_said() -> None:
    header = read(frame(Basic.Properties(message_id="caf?")).replace(b"?", b"\xe9"))
    assert header.body_size == 7
    assert header.properties.message_id is None
    assert header.properties.headers is not None
    assert "utf-8" in str(header.properties.headers[UNREADABLE])


@pytest.mark.parametrize("cut", [0, 1, 5])
def test_properties_that_break_off_are_left_out(cut: int) -> None:
    whole = frame(Basic.Properties(message_id="m" * 50))
    assert read(whole[: len(whole) - 10 - cut]).body_size == 7


def test_a_delivery_mode_that_does_not_exist_is_none() -> None:
    data = frame(Basic.Properties(delivery_mode=2))
    assert read(data[:-1] + struct.pack("B", 7)).properties.delivery_mode is None


def test_an_expiration_that_is_no_number_is_none() -> None:
    assert read(frame(Basic.Properties(expiration="soon"))).properties.expiration is None
