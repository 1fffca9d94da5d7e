"""However the stream is cut: ours are taken out of it, the others go on as they came."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp.commands import Basic, Channel, Connection, Queue

from shared.messaging.delivery import Delivery
from shared.messaging.wire.consuming import ConsumingChannel
from shared.messaging.wire.frames import HEARTBEAT_FRAME, ack_frame
from shared.messaging.wire.stream import FrameStream
from tests.unit.messaging.wires import FakeLine, delivered, frames, underlay, without_heartbeats

Bodies = list[list[bytes]]
OTHERS = [
    *frames(0, Connection.Blocked("memory"), Connection.Unblocked()),
    *frames(2, Queue.DeclareOk("q", 1, 2)),
    *frames(1, Basic.QosOk(), Basic.CancelOk("theirs")),
    b"".join(delivered(1, 9, [b"theirs"], "theirs")),
    b"".join(delivered(3, 9, [b"another", b"channel"])),
]


class Reading:
    """A stream with our consumer on channel 1."""

    def __init__(self) -> None:
        self.stream = FrameStream(asyncio.get_running_loop())
        self.channel = ConsumingChannel(FakeLine(), underlay(1))
        self.stream.channels[1] = self.channel
        self.taken: list[list[Delivery]] = []
        self.channel.divert("ours", self.taken.append)

    async def passed(self) -> bytes:
        self.stream.feed_eof()
        return without_heartbeats(await self.stream.read())

    @property
    def bodies(self) -> list[bytes]:
        return [delivery.body for batch in self.taken for delivery in batch]


@given(
    bodies=st.lists(st.lists(st.binary(min_size=1, max_size=40), max_size=3), max_size=6),
    others=st.lists(st.sampled_from(OTHERS), max_size=6),
    order=st.randoms(use_true_random=False),
    data=st.data(),
)
async def test_ours_are_taken_and_the_others_go_on(
    bodies: Bodies, others: list[bytes], order: object, data: st.DataObject
) -> None:
    ours = [b"".join(delivered(1, tag, parts)) for tag, parts in enumerate(bodies, 1)]
    stream, expected = b"", b""
    left, right = list(ours), list(others)
    while left or right:
        if left and (not right or order.random() < 0.5):  # type: ignore[attr-defined]
            stream += left.pop(0)
        else:
            stream, expected = stream + right[0], expected + right.pop(0)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=8)))
    reading = Reading()
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        reading.stream.feed_data(stream[start:end])
    assert reading.bodies == [b"".join(parts) for parts in bodies]
    assert await reading.passed() == expected


@pytest.mark.parametrize("step", [1, 2, 7, 8, 1000])
async def test_every_byte_may_come_by_itself(step: int) -> None:
    whole = [
        *delivered(1, 1, [b"one", b"body"], message_id="m", headers={"x-delivery-count": 3}),
        OTHERS[2],
        *delivered(1, 2, []),
        HEARTBEAT_FRAME,
    ]
    stream, reading = b"".join(whole), Reading()
    for start in range(0, len(stream), step):
        reading.stream.feed_data(stream[start : start + step])
    [first, second] = [delivery for batch in reading.taken for delivery in batch]
    assert (first.body, first.delivery_tag, first.message_id) == (b"onebody", 1, "m")
    assert (first.exchange, first.routing_key) == ("media.events", "media.ready.card")
    assert (first.delivery_count, second.delivery_count) == (3, 0)
    assert (second.body, second.delivery_tag, second.message_id) == (b"", 2, None)
    assert await reading.passed() == OTHERS[2]


async def test_what_arrives_together_is_handed_over_together() -> None:
    reading = Reading()
    reading.stream.feed_data(b"".join(b"".join(delivered(1, tag, [b"x"])) for tag in (1, 2, 3)))
    assert [len(batch) for batch in reading.taken] == [3]


async def test_aiormq_learns_that_the_connection_lives_though_all_of_it_goes_past() -> None:
    reading = Reading()
    reading.stream.feed_data(b"".join(delivered(1, 1, [b"x"])))
    reading.stream.feed_eof()
    assert await reading.stream.read() == HEARTBEAT_FRAME


async def test_a_consumer_that_breaks_does_not_break_the_connection() -> None:
    reading, stream = Reading(), b"".join(delivered(1, 1, [b"x"]))
    reading.channel.divert("ours", lambda _: 1 / 0)  # type: ignore[arg-type]
    reading.stream.feed_data(stream + OTHERS[2])
    assert await reading.passed() == OTHERS[2]


async def test_what_is_no_amqp_is_left_to_aiormq() -> None:
    reading = Reading()
    for data in (OTHERS[2], b"AMQP\0\0\x09\x01", b"and more"):
        reading.stream.feed_data(data)
    assert await reading.passed() == OTHERS[2] + b"AMQP\0\0\x09\x01and more"


@pytest.mark.parametrize("end", [Channel.Close(404, "no queue", 0, 0), Channel.CloseOk()])
async def test_nothing_is_acked_on_a_closed_channel(end: object) -> None:
    line = FakeLine()
    channel = ConsumingChannel(line, underlay(1))
    channel.ack(7, multiple=True)
    stream = FrameStream(asyncio.get_running_loop())
    stream.channels[1] = channel
    stream.feed_data(frames(1, end)[0])
    channel.ack(8, multiple=True)
    assert line.written == [ack_frame(1, 7, multiple=True)] == frames(1, Basic.Ack(7, True))


async def test_nothing_is_acked_on_a_lost_connection() -> None:
    reading = Reading()
    reading.stream.feed_eof()
    reading.channel.ack(1, multiple=False)
    assert reading.channel.closed
