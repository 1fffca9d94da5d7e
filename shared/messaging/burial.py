"""Taking what cannot be handled out of a queue: to `media.dead` with the reason, then acked.

Neighbours: `subscriber` says what cannot be handled and why, `dead_letters` how that is written
down. A burial is tried until it succeeds: the message stays unacked as long.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from shared.clock import Clock
from shared.messaging.acker import Acker
from shared.messaging.batcher import Batcher
from shared.messaging.dead_letters import dead_letter
from shared.messaging.delivery import Delivery
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import PublishesMany, in_parts
from shared.messaging.waiting import is_set_within

AT_ONCE = 8 * 1024 * 1024
"""Bytes that are published together, unless one message alone has more."""
LONGEST_PAUSE = 2.0

log = structlog.get_logger(__name__)

_Dead = tuple[Delivery, Exception]


class Burial:
    """The dead of one queue. Without a publisher they stay where they are, unacked.

    `user`: our own on the broker, as whom it is said who sent them.
    """

    def __init__(
        self,
        queue: str,
        publisher: PublishesMany | None,
        acker: Acker,
        clock: Clock,
        leaving: asyncio.Event,
        *,
        user: str | None = None,
    ) -> None:
        self._queue = queue
        self._publisher = publisher
        self._acker = acker
        self._clock = clock
        self._leaving = leaving
        self._user = user
        self._graves: Batcher[_Dead, None] = Batcher(self._bury, limit=100)
        self.buried = 0

    def start(self) -> None:
        """Begin burying."""
        self._graves.start()

    async def stop(self, within: timedelta) -> None:
        """Bury what waits; what cannot be buried now goes back unacked."""
        await self._graves.stop(within)

    def add(self, message: Delivery, error: Exception) -> None:
        """This one cannot be handled, for that reason."""
        if self._publisher is None:
            log.error("message.kept", queue=self._queue, error=repr(error), exc_info=error)
            return
        self._graves.offer((message, error)).add_done_callback(_report)

    async def _bury(self, batch: Sequence[_Dead]) -> Sequence[None]:
        letters = self._letters(batch)
        pause = 0.1
        while not await self._sent(letters):
            if await is_set_within(self._leaving, pause):
                return [None] * len(batch)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._acker.ack(message for message, _ in batch)
        self.buried += len(letters)
        for letter, (_, error) in zip(letters, batch, strict=True):
            log.error(
                "message.dead_lettered",
                queue=self._queue,
                message_id=letter.message_id,
                error_class=type(error).__name__,
                error=str(error)[:500],
            )
        return [None] * len(batch)

    def _letters(self, batch: Sequence[_Dead]) -> list[Outgoing]:
        """Each with a moment of its own: the same bytes twice, without an id, are two letters."""
        now = self._clock.now()
        return [
            dead_letter(
                message,
                queue=self._queue,
                error=error,
                now=now + timedelta(microseconds=number),
                user=self._user,
            )
            for number, (message, error) in enumerate(batch)
        ]

    async def _sent(self, letters: Sequence[Outgoing]) -> bool:
        assert self._publisher is not None
        try:
            for part in in_parts(letters, AT_ONCE):
                for problem in filter(None, await self._publisher.publish_many(part)):
                    raise problem
        except Exception as error:
            log.warning("dead_letter.waiting", queue=self._queue, error=repr(error))
            return False
        return True


def _report(future: "asyncio.Future[None]") -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None:
        log.error("burial.failed", error=repr(error), exc_info=error)
