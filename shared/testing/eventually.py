"""Waiting for something to become true, instead of sleeping and hoping."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar, overload

Result = TypeVar("Result")

_FIRST_PAUSE = 0.005
_LONGEST_PAUSE = 0.25


@overload
def eventually(
    assertion: Callable[[], Awaitable[Result]], timeout: float = ...
) -> Coroutine[Any, Any, Result]: ...


@overload
def eventually(
    assertion: Callable[[], Result], timeout: float = ...
) -> Coroutine[Any, Any, Result]: ...


async def eventually(
    assertion: Callable[[], Any],
    timeout: float = 10.0,  # noqa: ASYNC109 - the assertion itself is never canceled
) -> Any:
    """Call `assertion` until it raises nothing, and answer what it returns.

    After `timeout` seconds its last exception is raised, so that a failing test says what was
    missing. The pauses grow from 5 ms to 250 ms.
    """
    deadline, pause = time.monotonic() + timeout, _FIRST_PAUSE
    while True:
        try:
            result = assertion()
            return await result if inspect.isawaitable(result) else result
        except Exception:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def eventually_sync(assertion: Callable[[], Result], timeout: float = 10.0) -> Result:
    """`eventually` for tests without an event loop."""
    deadline, pause = time.monotonic() + timeout, _FIRST_PAUSE
    while True:
        try:
            return assertion()
        except Exception:
            if time.monotonic() >= deadline:
                raise
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
