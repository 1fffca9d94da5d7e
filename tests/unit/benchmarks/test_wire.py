"""The hand-written ends of HTTP and AMQP say and read what the libraries do."""

import pytest
from pamqp import commands
from pamqp import frame as pamqp_frame
from pamqp.header import ContentHeader

from tests.benchmarks.amqp import frames
from tests.benchmarks.amqp.frames import Publishing
from tests.benchmarks.client.http import parse, post


def test_a_publish_is_what_the_library_would_send() -> None:
    method = commands.Basic.Publish(0, "events", "a.b", mandatory=True)
    properties = commands.Basic.Properties(content_type="application/json", delivery_mode=2)
    header = ContentHeader(body_size=2, properties=properties)
    expected = b"".join(pamqp_frame.marshal(part, 1) for part in (method, header))

    sent = Publishing("events", "a.b", "application/json").encode([b"{}", b"{}"])

    assert sent.startswith(expected)
    assert len(list(frames.split(sent))) == 6


def test_an_ack_is_for_all_before() -> None:
    assert frames.ack(7) == pamqp_frame.marshal(commands.Basic.Ack(7, multiple=True), 1)


@pytest.mark.parametrize("multiple", [True, False])
def test_confirms_are_read(multiple: bool) -> None:
    sent = pamqp_frame.marshal(commands.Basic.Ack(300, multiple), 1)

    (frame,) = frames.split(sent)

    assert frame.ids == frames.ACK
    assert frames.confirmed(frame.payload) == (300, multiple)


def test_deliveries_are_read() -> None:
    sent = pamqp_frame.marshal(commands.Basic.Deliver("consumer", 42, False, "x", "k"), 1)

    (frame,) = frames.split(sent + b"\x01\x00\x01")

    assert frame.ids == frames.DELIVER
    assert frames.delivery_tag(frame.payload) == 42


def test_an_answer_is_whole_when_its_body_is() -> None:
    answer = b"HTTP/1.1 202 Accepted\r\nContent-Length: 4\r\nX: y\r\n\r\nbody"

    assert parse(answer) == (202, b"body")
    assert [parse(answer[:length]) for length in (0, 20, len(answer) - 1)] == [None] * 3
    with pytest.raises(ValueError, match="without Content-Length"):
        parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


def test_a_request_says_how_long_it_is() -> None:
    sent = post("http://127.0.0.1:80", "/v1/media", b"{}")

    assert sent.startswith(b"POST /v1/media HTTP/1.1\r\nHost: 127.0.0.1:80\r\n")
    assert sent.endswith(b"Content-Length: 2\r\n\r\n{}")
