"""Looking again and again at an order, with growing pauses, until it is done."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from services.generator.generators.remote.errors import PASSING

T = TypeVar("T")

GROWTH: Final = 1.4
LONGEST: Final = timedelta(seconds=10)
TOLERATED: Final = 6
"""Looks in a row that may fail; the order is at the provider all the while."""


class Pauses:
    """Between looks: `first`, then longer, up to ten times that or ten seconds; a little by chance.

    Chance keeps the looks of many jobs apart; it comes from the job (`seed`).
    """

    def __init__(self, first: timedelta, seed: int) -> None:
        self._seconds = first.total_seconds()
        self._longest = min(10 * self._seconds, LONGEST.total_seconds())
        self._chance = random.Random(seed)  # noqa: S311 - spreads load, keeps no secret

    def next(self) -> timedelta:
        """The next one."""
        seconds = self._seconds * self._chance.uniform(0.8, 1.2)
        self._seconds = min(self._seconds * GROWTH, self._longest)
        return timedelta(seconds=seconds)


async def poll(
    look: Callable[[], Awaitable[T]], done: Callable[[T], Awaitable[bool]], pauses: Pauses
) -> T:
    """What `look` says once it is `done`. Passing failures of it are waited out, a few of them."""
    failures = 0
    while True:
        pause = pauses.next()
        try:
            seen = await look()
        except PASSING as error:
            failures += 1
            if failures > TOLERATED:
                raise
            pause = max(pause, error.retry_after or pause)
        else:
            failures = 0
            if await done(seen):
                return seen
        await asyncio.sleep(pause.total_seconds())
