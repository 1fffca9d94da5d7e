"""Acking together never acks what is still in hand."""

import itertools
from types import SimpleNamespace
from typing import Any

from aiormq.exceptions import ChannelInvalidStateError
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.acker import Acker


class FakeChannel:
    """Keeps the broker's books: which tags are acked, in how many frames."""

    def __init__(self, delivered: int, *, closed: bool = False) -> None:
        self.delivered = delivered
        self.acked: set[int] = set()
        self.frames = 0
        self.closed = closed

    async def basic_ack(self, delivery_tag: int, multiple: bool = False) -> None:
        if self.closed:
            raise ChannelInvalidStateError("closed")
        self.frames += 1
        tags = set(range(1, delivery_tag + 1)) if multiple else {delivery_tag}
        assert multiple or delivery_tag not in self.acked, "acked twice: the broker would close"
        self.acked |= tags


def delivery(channel: FakeChannel, tag: int) -> Any:
    return SimpleNamespace(raw_message=SimpleNamespace(channel=channel, delivery_tag=tag))


@st.composite
def batches(draw: st.DrawFn) -> list[list[int]]:
    """The tags 1 to n in any order, cut into batches."""
    tags = draw(st.permutations(range(1, draw(st.integers(1, 40)) + 1)))
    cuts = sorted(draw(st.sets(st.integers(1, len(tags)))))
    edges = [0, *cuts, len(tags)]
    return [tags[a:b] for a, b in itertools.pairwise(edges) if a < b]


@given(batches())
async def test_exactly_what_was_handled_is_acked_whatever_the_order(
    handled: list[list[int]],
) -> None:
    channel, acker, done = FakeChannel(sum(map(len, handled))), Acker(), set[int]()
    for batch in handled:
        await acker.ack(delivery(channel, tag) for tag in batch)
        done.update(batch)
        assert channel.acked == done


async def test_a_batch_in_order_is_one_frame() -> None:
    channel, acker = FakeChannel(300), Acker()
    await acker.ack(delivery(channel, tag) for tag in range(1, 101))
    await acker.ack(delivery(channel, tag) for tag in range(101, 301))
    assert channel.frames == 2


async def test_channels_are_counted_apart() -> None:
    first, second, acker = FakeChannel(1), FakeChannel(1), Acker()
    await acker.ack([delivery(first, 1), delivery(second, 1)])
    assert first.acked == second.acked == {1}


async def test_a_closed_channel_is_no_error_and_the_others_are_acked() -> None:
    closed, alive, acker = FakeChannel(1, closed=True), FakeChannel(1), Acker()
    await acker.ack([delivery(closed, 1), delivery(alive, 1)])
    assert alive.acked == {1}


class ClosedDelivery:
    """aio-pika's messages do not even tell their channel once it is closed."""

    delivery_tag = 1

    @property
    def channel(self) -> Any:
        raise ChannelInvalidStateError


async def test_a_delivery_that_does_not_tell_its_channel_any_more_is_no_error() -> None:
    alive, acker = FakeChannel(1), Acker()
    gone: Any = SimpleNamespace(raw_message=ClosedDelivery())
    await acker.ack([gone, delivery(alive, 1)])
    assert alive.acked == {1}
