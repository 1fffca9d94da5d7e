"""Acking together never acks what is still in hand."""

import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.acker import Acker
from tests.unit.messaging.deliveries import FakeChannel, a_delivery


@st.composite
def batches(draw: st.DrawFn) -> list[list[int]]:
    """The tags 1 to n in any order, cut into batches."""
    tags = draw(st.permutations(range(1, draw(st.integers(1, 40)) + 1)))
    cuts = sorted(draw(st.sets(st.integers(1, len(tags)))))
    edges = [0, *cuts, len(tags)]
    return [tags[a:b] for a, b in itertools.pairwise(edges) if a < b]


@given(batches())
def test_exactly_what_was_handled_is_acked_whatever_the_order(
    handled: list[list[int]],
) -> None:
    channel, acker, done = FakeChannel(), Acker(), set[int]()
    for batch in handled:
        acker.ack(a_delivery(channel=channel, tag=tag) for tag in batch)
        done.update(batch)
        assert channel.acked == done


def test_a_batch_in_order_is_one_frame() -> None:
    channel, acker = FakeChannel(), Acker()
    acker.ack(a_delivery(channel=channel, tag=tag) for tag in range(1, 101))
    acker.ack(a_delivery(channel=channel, tag=tag) for tag in range(101, 301))
    assert channel.frames == 2


def test_channels_are_counted_apart() -> None:
    first, second, acker = FakeChannel(), FakeChannel(), Acker()
    acker.ack([a_delivery(channel=first, tag=1), a_delivery(channel=second, tag=1)])
    assert first.acked == second.acked == {1}


def test_a_closed_channel_is_no_error_and_the_others_are_acked() -> None:
    closed, alive, acker = FakeChannel(closed=True), FakeChannel(), Acker()
    acker.ack([a_delivery(channel=closed, tag=1), a_delivery(channel=alive, tag=1)])
    assert alive.acked == {1}


async def test_while_there_are_few_acks_wait_for_each_other() -> None:
    channel, acker = FakeChannel(), Acker(patience=0.01, enough=4)
    acker.ack([a_delivery(channel=channel, tag=2)])
    acker.ack([a_delivery(channel=channel, tag=1)])
    assert channel.frames == 0
    await asyncio.sleep(0.05)
    assert (channel.acked, channel.frames) == ({1, 2}, 1)
    acker.ack(a_delivery(channel=channel, tag=tag) for tag in (3, 4, 5, 6))
    assert (len(channel.acked), channel.frames) == (6, 2)
    acker.ack([a_delivery(channel=channel, tag=7)])
    acker.flush()
    assert (len(channel.acked), channel.frames) == (7, 3)
