"""An event loop in a thread of its own: where the asynchronous client works for the other one."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class ClientClosedError(RuntimeError):
    """The client was closed, and can do nothing more."""


class LoopThread:
    """Runs coroutines for any thread, also for one that runs an event loop itself."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._closing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="darkroom-client", daemon=True)
        self._thread.start()

    def call(self, wanted: Coroutine[Any, Any, T]) -> T:
        """What `wanted` returns or raises. Ctrl-C here cancels it there."""
        with self._closing:
            if self._closed:
                wanted.close()
                raise ClientClosedError("this client was closed: make a new one")
            future = asyncio.run_coroutine_threadsafe(wanted, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self, last: Callable[[], Awaitable[None]]) -> None:
        """Await `last`, then end the thread; what still runs is canceled. Again changes nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        asyncio.run_coroutine_threadsafe(_finish(last), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()


async def _finish(last: Callable[[], Awaitable[None]]) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await last()
