"""What a process may be certain of, by its own clock alone."""

import asyncio

from services.generator.service.held import HeldLeases
from shared.clock import uuid7
from shared.testing import eventually


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


KEY, OTHER = (uuid7(), 1), (uuid7(), 1)


def held_until_ten() -> tuple[HeldLeases, Clock]:
    clock = Clock()
    held = HeldLeases(clock)
    held.take(KEY, 10)
    return held, clock


def test_a_lease_is_certain_until_it_could_be_over() -> None:
    held, clock = held_until_ten()

    clock.seconds = 9.9
    assert held.certain(KEY)
    clock.seconds = 10
    assert not held.certain(KEY)


def test_what_was_never_in_hand_or_is_no_more_is_not_certain() -> None:
    held, _ = held_until_ten()
    held.drop(KEY)

    assert not held.certain(KEY)
    assert not held.certain(OTHER)


def test_renewing_brings_back_nothing_that_was_dropped() -> None:
    held, _ = held_until_ten()
    held.drop(KEY)

    held.renew([KEY], 20)

    assert not held.certain(KEY)


async def test_who_must_be_certain_asks_for_a_heartbeat_and_waits_for_it() -> None:
    held, clock = held_until_ten()
    asked: list[float] = []
    held.doubt = lambda: asked.append(clock.seconds)
    clock.seconds = 11

    waiting = asyncio.create_task(held.ascertain(KEY))
    await eventually(lambda: _must_be(asked, [11]))
    held.renew([OTHER], 26)
    await eventually(lambda: _must_be(asked, [11, 11]))
    assert not waiting.done()
    held.renew([KEY], 26)

    await waiting


async def test_who_is_certain_waits_for_nothing() -> None:
    held, _ = held_until_ten()

    await held.ascertain(KEY)


def _must_be(value: object, wanted: object) -> None:
    assert value == wanted
