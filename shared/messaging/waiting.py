"""Waiting for something: not for ever, and without being canceled by a connection that ends."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


async def is_set_within(event: asyncio.Event, seconds: float | None) -> bool:
    """Wait for the event; False when it was not set in time."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


def is_canceled() -> bool:
    """Whether somebody wants this task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@contextmanager
def not_canceled_by_connections() -> Iterator[None]:
    """Raises `ConnectionAbortedError` where a connection that ended canceled what waited for it.

    aiormq cancels all that waits on a connection that is closed because nothing was heard of it:
    the waiting task would end, though nobody has canceled it.
    """
    try:
        yield
    except asyncio.CancelledError as error:
        if is_canceled():
            raise
        raise ConnectionAbortedError("the connection has ended") from error
