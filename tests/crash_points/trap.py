"""The trap in a process that is to die: wraps the methods of one spot, strikes at the n-th pass.

Classes are changed before the service is put together, so that methods it hands around as values
are the wrapped ones too.
"""

import functools
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tests.crash_points.seams import Call, Method, Moment, Seam, Spot, find

Strike = Callable[[], None]


class Trap:
    """Waits at a spot."""

    def __init__(self, spot: Spot, nth: int, strike: Strike) -> None:
        self._spot = spot
        self._left = nth
        self._strike = strike
        self._inside = ContextVar("inside", default=spot.within is None)
        self._begun = spot.once is None

    def set(self) -> None:
        """Wrap the methods. Raises `SeamMissingError`."""
        spot = self._spot
        if spot.once is not None:
            _wrap(spot.once, self._noting(spot.once))
        if spot.within is not None:
            _wrap(spot.within, self._entering(spot.within))
        _wrap(spot.seam, self._passing)

    def _noting(self, seam: Seam) -> "Around":
        def note(call: Call) -> None:
            self._begun = self._begun or seam.counts(call)

        @contextmanager
        def around(call: Call) -> Iterator["Returned"]:
            note(call)
            yield note

        return around

    def _entering(self, seam: Seam) -> "Around":
        @contextmanager
        def around(call: Call) -> Iterator["Returned"]:
            token = self._inside.set(seam.counts(call))
            try:
                yield _ignored
            finally:
                self._inside.reset(token)

        return around

    @contextmanager
    def _passing(self, call: Call) -> Iterator["Returned"]:
        if self._spot.moment is Moment.BEFORE:
            self._pass(call)
        yield self._pass if self._spot.moment is Moment.AFTER else _ignored

    def _pass(self, call: Call) -> None:
        if self._begun and self._inside.get() and self._spot.seam.counts(call):
            self._left -= 1
            if self._left == 0:
                self._strike()


Returned = Callable[[Call], None]
Around = Callable[[Call], Any]
"""A context manager around one call; what it yields is told of the answer."""


def _ignored(call: Call) -> None:
    """The answer does not matter."""


def _wrap(seam: Seam, around: Around) -> None:
    method = find(seam.method)
    wrapped = _waiting(method, around) if method.waits else _plain(method, around)
    setattr(method.owner, method.name, functools.wraps(method.function)(wrapped))


def _waiting(method: Method, around: Around) -> Callable[..., Any]:
    async def call(*given: Any, **named: Any) -> Any:
        with around(Call(given, named)) as returned:
            answer = await method.function(*given, **named)
            returned(Call(given, named, answer))
            return answer

    return call


def _plain(method: Method, around: Around) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        with around(Call(given, named)) as returned:
            answer = method.function(*given, **named)
            returned(Call(given, named, answer))
            return answer

    return call


def signaling(name: str, number: signal.Signals) -> Strike:
    """Says in the log that the point was reached, then signals its own process."""

    def strike() -> None:
        os.write(2, f"{reached(name, number)}\n".encode())
        os.kill(os.getpid(), number)

    return strike


def reached(name: str, number: signal.Signals) -> str:
    """The line of the log that proves it."""
    return f"crash point {name} reached: {number.name}"
