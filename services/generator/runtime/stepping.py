"""A coroutine that is started at once, before anybody decides how to wait for it.

What is over without waiting needs no timer, and most of what is quick is. Neighbour: `loop`.
"""

from collections.abc import Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Started(Generic[Answer]):
    """`coroutine` up to where it first waits: `done` and its `answer`, or to be awaited once.

    Raises what the coroutine raises.
    """

    __slots__ = ("_coroutine", "_waits_for", "answer", "done")

    def __init__(self, coroutine: Coroutine[Any, Any, Answer]) -> None:
        self._coroutine = coroutine
        self.answer: Answer
        try:
            self._waits_for = coroutine.send(None)
        except StopIteration as end:
            self.answer, self.done = end.value, True
        else:
            self.done = False

    def __await__(self) -> Generator[Any, Any, Answer]:
        """Go on: what it waits for is handed to the task that awaits this, as if it had been so."""
        waits_for = self._waits_for
        step: Callable[[Any], Any]
        while True:
            try:
                sent = yield waits_for
            except BaseException as error:
                step, given = self._coroutine.throw, error
            else:
                step, given = self._coroutine.send, sent
            try:
                waits_for = step(given)
            except StopIteration as end:
                answer: Answer = end.value
                return answer
