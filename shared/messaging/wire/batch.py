"""Messages that went out together, and what the broker says of each of them."""

import asyncio
from collections.abc import Mapping, Sequence

from shared.messaging.errors import UndeliverableError
from shared.messaging.outgoing import Outgoing

_ANSWERED = b"\1"


class SentBatch:
    """Consecutive delivery tags from `first` on, until all are confirmed or the channel is gone.

    `done` is set, without a result, when there is nothing to wait for any more; then `failure`
    says why some were never confirmed. `refused` were not even sent, by their number in the batch.
    """

    __slots__ = (
        "_answered",
        "_problems",
        "_refused",
        "_searched",
        "_sent",
        "deadline",
        "done",
        "failure",
        "first",
        "last",
        "missing",
    )

    def __init__(
        self,
        first: int,
        sent: Sequence[Outgoing],
        refused: Mapping[int, UndeliverableError],
        deadline: float,
    ) -> None:
        self.first = first
        self.last = first + len(sent) - 1
        self.missing = len(sent)
        self.deadline = deadline
        self._sent = sent
        self._refused = refused
        self._problems: dict[int, UndeliverableError] = {}
        self.failure: Exception | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._answered = bytearray(len(sent))
        self._searched = 0
        self._note()

    def answers(self) -> list[UndeliverableError | None]:
        """Of each message, in order: None, or why it did not arrive."""
        if not self._problems and not self._refused:
            return [None] * len(self._sent)
        total = len(self._sent) + len(self._refused)
        of_sent = (self._problems.get(number) for number in range(len(self._sent)))
        return [self._refused.get(number) or next(of_sent) for number in range(total)]

    def answer_up_to(self, tag: int, problem: UndeliverableError | None) -> None:
        """All up to that tag; those that are answered already stay as they are."""
        count = min(tag - self.first + 1, len(self._answered))
        if problem is not None:
            for number in range(count):
                if not self._answered[number]:
                    self._problems.setdefault(number, problem)
        self.missing -= self._answered.count(0, 0, count)
        self._answered[:count] = _ANSWERED * count
        self._note()

    def answer(self, tag: int, problem: UndeliverableError | None) -> None:
        """This one."""
        number = tag - self.first
        if self._answered[number]:
            return
        self._answered[number] = 1
        self.missing -= 1
        if problem is not None:
            self._problems.setdefault(number, problem)
        self._note()

    def note_return(self, returned: tuple[str, str, str], problem: UndeliverableError) -> bool:
        """It came back, and its ack follows. Answers whether such a message was in here.

        Messages come back in the order they were sent in, so none is looked for before the last.
        """
        for number in range(self._searched, len(self._sent)):
            message = self._sent[number]
            if (
                message.mandatory
                and not self._answered[number]
                and (message.message_id, message.exchange, message.routing_key) == returned
            ):
                self._searched = number + 1
                self._problems[number] = problem
                return True
        return False

    def fail(self, error: Exception) -> None:
        """Nothing more is heard of it."""
        self.failure = error
        self._finish()

    def _note(self) -> None:
        if not self.missing:
            self._finish()

    def _finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
