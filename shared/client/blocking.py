"""Methods of the asynchronous client as ordinary ones, with the same arguments and answers.

    class SyncThing(Blocking[Thing]):
        get = blocking(Thing.get)

A type checker sees what it sees there; `sync_client` lists the methods.
"""

import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from shared.client.loop_thread import LoopThread

Inner = TypeVar("Inner")
P = ParamSpec("P")
T = TypeVar("T")


class Blocking(Generic[Inner]):
    """Something asynchronous, and the thread where it lives."""

    def __init__(self, inner: Inner, thread: LoopThread) -> None:
        self._inner = inner
        self._thread = thread


def blocking(
    method: Callable[Concatenate[Inner, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Blocking[Inner], P], T]:
    """The method, which returns when it is done."""

    @functools.wraps(method)
    def call(self: Blocking[Inner], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._thread.call(method(self._inner, *args, **kwargs))

    return call


def blocking_iterator(
    method: Callable[Concatenate[Inner, P], AsyncIterator[T]],
) -> Callable[Concatenate[Blocking[Inner], P], Generator[T, None, None]]:
    """The method, as something for a `for` loop."""

    @functools.wraps(method)
    def iterate(
        self: Blocking[Inner], /, *args: P.args, **kwargs: P.kwargs
    ) -> Generator[T, None, None]:
        items = method(self._inner, *args, **kwargs)
        try:
            while True:
                try:
                    item = self._thread.call(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            self._thread.call(_close(items))

    return iterate


async def _next(items: AsyncIterator[T]) -> T:
    return await anext(items)


async def _close(items: AsyncIterator[Any]) -> None:
    """Let go what a generator holds that was left before its end."""
    if close := getattr(items, "aclose", None):
        await close()
