"""What comes back again and again is handled alone, in an order that nobody can foretell."""

import asyncio

import pytest

from shared.messaging.delivery import Delivery
from shared.messaging.suspects import LONGEST_SPREAD, Suspects, is_suspect, longest_wait
from shared.testing import eventually
from tests.unit.messaging.deliveries import a_delivery


def a_message(count: object = None, name: str = "") -> Delivery:
    headers = {} if count is None else {"x-delivery-count": count}
    return a_delivery(name.encode(), headers=headers)


@pytest.mark.parametrize(
    ("count", "suspect"), [(None, False), (1, False), (2, True), (20, True), ("many", False)]
)
def test_once_can_happen_to_anybody(count: object, suspect: bool) -> None:
    assert is_suspect(a_message(count)) is suspect


async def test_each_is_handled_by_itself_in_the_order_of_chance() -> None:
    chances = iter([0.9, 0.1, 0.5])
    story: list[str] = []

    async def handle(message: Delivery) -> None:
        story.append(f"{message.body.decode()} begins")
        await asyncio.sleep(0)
        story.append(f"{message.body.decode()} ends")

    waiting = Suspects(handle, lambda: next(chances))
    for name in "abc":
        waiting.add(a_message(2, name))
    await eventually(lambda: must_have(story, 6))
    assert story == ["b begins", "b ends", "c begins", "c ends", "a begins", "a ends"]


async def test_whoever_has_not_had_its_turn_when_the_process_ends_is_left() -> None:
    handled: list[Delivery] = []

    async def handle(message: Delivery) -> None:
        handled.append(message)

    waiting = Suspects(handle, lambda: 1.0)
    waiting.add(a_message(2))
    await waiting.stop()
    assert handled == []


@pytest.mark.parametrize("count", [2, 3, 4, 5, 20, 2**31])
def test_the_more_often_it_came_back_the_longer_it_may_wait(count: int) -> None:
    waits = longest_wait(a_message(count))
    assert waits == LONGEST_SPREAD or waits == 2 * longest_wait(a_message(count - 1))


def must_have(story: list[str], length: int) -> None:
    assert len(story) == length
