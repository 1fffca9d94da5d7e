"""Waiting ends as soon as the condition holds, and says what was missing when it never does."""

import pytest

from shared.testing import eventually, eventually_sync


class Door:
    """Opens when it has been tried a few times."""

    def __init__(self, opens_at: int) -> None:
        self.tries = 0
        self._opens_at = opens_at

    def enter(self) -> str:
        self.tries += 1
        assert self.tries >= self._opens_at, "still closed"
        return "inside"

    async def enter_later(self) -> str:
        return self.enter()


async def test_it_answers_what_the_assertion_returns_at_last() -> None:
    door = Door(opens_at=3)
    assert await eventually(door.enter_later) == "inside"
    assert door.tries == 3


async def test_it_takes_plain_functions_too() -> None:
    assert await eventually(Door(opens_at=2).enter) == "inside"


async def test_it_raises_the_last_failure_when_time_is_over() -> None:
    with pytest.raises(AssertionError, match="still closed"):
        await eventually(Door(opens_at=1_000_000).enter, timeout=0.02)


def test_without_an_event_loop_it_does_the_same() -> None:
    assert eventually_sync(Door(opens_at=3).enter) == "inside"
    with pytest.raises(AssertionError, match="still closed"):
        eventually_sync(Door(opens_at=1_000_000).enter, timeout=0.02)
