"""Ending tasks for good."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

AGAIN_SECONDS: Final = 5.0


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel them and wait until they have ended, however.

    A cancellation may be lost: libraries swallow it, and `asyncio.wait_for` does before Python 3.12
    when what it waits for ends in the same moment. So it is said again.
    """
    waiting = set(tasks)
    while waiting:
        for task in waiting:
            task.cancel()
        ended, waiting = await asyncio.wait(waiting, timeout=AGAIN_SECONDS)
        for task in ended:
            if not task.cancelled():
                task.exception()  # it is known now: asyncio need not complain
