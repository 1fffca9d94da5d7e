"""While one batch is being written the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Batches(Generic[Item]):
    """Hands what was added to ``write``, everything that waits at once, one batch at a time."""

    def __init__(self, write: Callable[[list[Item]], Awaitable[None]], most: int = 500) -> None:
        self._write = write
        self._most = most
        self._waiting: list[Item] = []
        self._some = asyncio.Event()

    def add(self, *items: Item) -> None:
        self._waiting.extend(items)
        self._some.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._some.wait()
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            if not self._waiting:
                self._some.clear()
            await self._write(batch)
