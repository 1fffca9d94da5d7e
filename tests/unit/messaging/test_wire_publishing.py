"""Each message of a batch gets its own answer, in whatever way the broker puts it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pamqp.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp.commands import Basic, Channel
from pamqp.header import ContentHeader

from shared.messaging.errors import BrokerBlockedError, UndeliverableError
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import in_parts
from shared.messaging.wire import publishing
from shared.messaging.wire.batch import SentBatch
from shared.messaging.wire.publishing import PublishingChannel
from shared.messaging.wire.stream import FrameStream
from shared.testing import a_media_ready, an_event
from tests.unit.messaging.wires import FRAME_MAX, FakeLine, frames, underlay, without_heartbeats


def a_message(**changes: Any) -> Outgoing:
    return replace(outgoing(an_event(a_media_ready())), **changes)


class Publishing:
    """A channel over a line that nobody answers on, but for the test."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.line = FakeLine()
        self.channel = PublishingChannel(self.line, underlay(1), "probe", FRAME_MAX)
        self.stream = FrameStream(loop)
        self.stream.channels[1] = self.channel
        self._deadline = loop.time() + 100

    def send(self, *messages: Outgoing, deadline: float | None = None) -> SentBatch:
        return self.channel.send(messages, self._deadline if deadline is None else deadline)

    def hear(self, *what: Any) -> None:
        self.stream.feed_data(b"".join(frames(1, *what)))

    def give_back(self, message: Outgoing) -> None:
        header = ContentHeader(
            body_size=len(message.body),
            properties=Basic.Properties(message_id=message.message_id),
        )
        back = Basic.Return(312, "NO_ROUTE", message.exchange, message.routing_key)
        self.hear(back, header, pamqp.body.ContentBody(message.body))


def unmarshaled(data: bytes) -> list[Any]:
    found = []
    while data:
        size, channel, frame = pamqp.frame.unmarshal(data)
        assert channel == 1
        found.append(frame)
        data = data[size:]
    return found


@pytest.mark.parametrize("size", [0, 1, FRAME_MAX - 8, FRAME_MAX - 7, 3 * FRAME_MAX])
async def test_a_message_is_written_as_the_protocol_has_it(size: int) -> None:
    made = Publishing()
    changes = {"headers": {"a": 1}, "reply_to": "shop.answers", "user_id": "api"}
    message = a_message(body=b"x" * size, correlation_id="c", **changes)
    made.send(message)
    [method, header, *bodies] = unmarshaled(made.line.written[0])
    assert (method.exchange, method.routing_key) == (message.exchange, message.routing_key)
    assert (method.mandatory, method.immediate) == (True, False)
    assert message.timestamp is not None
    assert header.properties == Basic.Properties(
        content_type=message.content_type,
        headers={"a": 1},
        delivery_mode=2,
        correlation_id="c",
        reply_to="shop.answers",
        message_id=message.message_id,
        timestamp=message.timestamp.replace(microsecond=0),
        message_type=message.type,
        user_id="api",
        app_id="probe",
    )
    assert header.body_size == size
    assert b"".join(body.value for body in bodies) == message.body
    assert all(len(body.value) <= FRAME_MAX - 8 for body in bodies)


@given(data=st.data(), sizes=st.lists(st.integers(1, 6), min_size=1, max_size=4))
async def test_every_message_gets_its_own_answer_in_any_order(
    data: st.DataObject, sizes: list[int]
) -> None:
    made = Publishing()
    batches = [made.send(*(a_message() for _ in range(size))) for size in sizes]
    open_tags, refused = set(range(1, sum(sizes) + 1)), set[int]()
    while open_tags:
        tag, multiple = data.draw(st.sampled_from(sorted(open_tags))), data.draw(st.booleans())
        told = {one for one in open_tags if one <= tag} if multiple else {tag}
        if data.draw(st.booleans()):
            made.hear(Basic.Ack(tag, multiple))
        else:
            made.hear(Basic.Nack(tag, multiple, False))
            refused |= told
        open_tags -= told
    tag = 0
    for batch in batches:
        assert batch.done.done()
        for answer in batch.answers():
            tag += 1
            assert (answer is not None) == (tag in refused)


async def test_what_comes_back_is_told_apart_even_under_the_same_id() -> None:
    made = Publishing()
    good, lost = a_message(message_id="same"), a_message(message_id="same", routing_key="nowhere")
    batch = made.send(good, lost, good, lost)
    made.give_back(lost)
    made.give_back(lost)
    made.hear(Basic.Ack(2), Basic.Ack(4, True))
    assert batch.done.done()
    assert [answer is None for answer in batch.answers()] == [True, False, True, False]


async def test_what_amqp_cannot_say_is_refused_and_its_neighbours_are_sent() -> None:
    made = Publishing()
    too_long = a_message(routing_key="x" * 300)
    too_much = a_message(headers={"h": "x" * FRAME_MAX})
    batch = made.send(too_long, a_message(), too_much, a_message())
    made.hear(Basic.Ack(1), Basic.Nack(2))
    kinds = [type(answer) for answer in batch.answers()]
    assert kinds == [UndeliverableError, type(None), UndeliverableError, UndeliverableError]
    assert made.send(too_long).done.done()


@pytest.mark.parametrize(
    "end",
    [
        lambda made: made.hear(Channel.Close(404, "no exchange", 0, 0)),
        lambda made: made.stream.feed_eof(),
        lambda made: made.stream.set_exception(OSError("reset")),
    ],
    ids=["closed channel", "end of stream", "broken connection"],
)
async def test_when_nothing_more_is_heard_everything_in_flight_fails(
    end: Callable[[Publishing], None],
) -> None:
    made = Publishing()
    confirmed, waiting = made.send(a_message()), made.send(a_message(), a_message())
    made.hear(Basic.Ack(1), Basic.Ack(3))
    end(made)
    assert (confirmed.failure, waiting.done.done()) == (None, True)
    assert waiting.failure is not None
    assert not made.channel.usable


async def test_the_number_of_a_closed_channel_is_free_for_another() -> None:
    made = Publishing()
    confirm, closed = frames(1, Basic.Ack(1), Channel.CloseOk())
    made.channel.close(ConnectionAbortedError())
    made.stream.feed_data(confirm + closed + confirm)
    made.stream.feed_eof()
    passed = without_heartbeats(await made.stream.read())
    assert passed == closed + confirm, "the first was still ours, the second is not"


async def test_a_broker_that_blocks_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "LOOK_SECONDS", 0.01)
    made = Publishing()
    made.line.blocked = True
    batch = made.send(a_message())
    await asyncio.wait_for(batch.done, 2)
    assert isinstance(batch.failure, BrokerBlockedError)
    made.hear(Basic.Ack(1))  # later, and nobody waits for it


async def test_nobody_waits_longer_than_until_the_deadline() -> None:
    made = Publishing()
    late = made.send(a_message(), deadline=asyncio.get_running_loop().time() + 0.01)
    await asyncio.wait_for(late.done, 2)
    assert isinstance(late.failure, TimeoutError)


def test_parts_are_in_order_and_no_larger_than_they_may_be() -> None:
    sizes = [3, 3, 3, 9, 1]
    messages = [a_message(body=b"x" * size) for size in sizes]
    parts = list(in_parts(messages, 6))
    assert [[len(message.body) for message in part] for part in parts] == [[3, 3], [3], [9], [1]]
    assert list(in_parts([], 6)) == [[]]
