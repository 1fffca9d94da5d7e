"""The relay: publishes what stands in the outbox, and deletes it.

What this process has committed is handed over in memory, published, confirmed, and then deleted,
many rows at once: nobody waits for that, and a row that a crash leaves is only published again.
A sweep takes what others have left, in one transaction: a crash between publish and commit
publishes the same messages again, with the same event ids. A kill releases the row locks, so no
lease is needed; several relays share the rows by SKIP LOCKED.
Neighbour: `sweep` has the statements.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import structlog

from shared.canceling import end
from shared.database.engine import Engine
from shared.database.transient import is_transient
from shared.messaging.outbox import Bundle
from shared.messaging.publisher import PublishesMany
from shared.messaging.sweep import Refused, Sweep, is_lost
from shared.messaging.waiting import is_set_within

LONGEST_PAUSE = 2.0
FINISH_SECONDS = 5.0
"""How long the last batch may take when the process is to end."""
CLEAN_SECONDS = 0.2
"""How long published rows gather; far less than their head start, so that no sweep takes them."""
MOST_IN_HAND = 20_000
"""Messages that are kept in memory; the sweep finds the rest."""

log = structlog.get_logger(__name__)


class OutboxRelay:
    """Three background tasks: for what is handed over, for deleting it, and a sweep every `poll`.

    A message that cannot be delivered is quarantined: put back with a later `available_at`
    (doubling, to five minutes), counted and logged, so that it never holds up its neighbours. An
    answer whose queue is gone is logged and forgotten.
    """

    def __init__(
        self,
        engine: Engine,
        publisher: PublishesMany,
        *,
        poll: timedelta = timedelta(milliseconds=500),
        limit: int = 500,
    ) -> None:
        self._sweep = Sweep(engine, publisher, limit)
        self._publisher = publisher
        self._poll = self._pause = poll.total_seconds()
        self._limit = limit
        self._in_hand: dict[UUID, Bundle] = {}
        self._published_ids: list[UUID] = []
        self._messages = 0
        self._trusting = True
        self._handed = asyncio.Event()
        self._to_clean = asyncio.Event()
        self._woken = asyncio.Event()
        self._leaving = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.published = 0
        self.quarantined = 0

    def start(self) -> None:
        """Begin relaying in the background."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._relay_handed_over(), name="outbox-relay"),
                asyncio.create_task(self._run_sweep(), name="outbox-sweep"),
                asyncio.create_task(self._run_cleaning(), name="outbox-cleaning"),
            ]

    async def stop(self) -> None:
        """Publish what is in hand, and one last sweep; the rest stays in the outbox."""
        if self._tasks:
            tasks, self._tasks = self._tasks, []
            self._leaving.set()
            self._handed.set()
            self._to_clean.set()
            self.wake()
            await asyncio.wait(tasks, timeout=FINISH_SECONDS)
            await end(tasks)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FINISH_SECONDS):
                    await self._clean()

    def wake(self) -> None:
        """There may be something to sweep."""
        self._woken.set()

    def hand_over(self, bundles: Iterable[Bundle]) -> None:
        """These have just been committed here; nobody else will publish them for a while."""
        for bundle in bundles:
            if self._trusting and self._messages < MOST_IN_HAND:
                self._in_hand[bundle.id] = bundle
                self._messages += len(bundle.messages)
        self._handed.set()

    async def relay_once(self) -> int:
        """Sweep one batch. Answers how many messages it took."""
        swept = await self._sweep.once([*self._in_hand, *self._published_ids])
        self._count(swept.published, swept.refused)
        if swept.interruption is not None:
            raise swept.interruption
        return swept.lost + swept.published + len(swept.refused)

    async def backlog(self) -> dict[str, float]:
        """`waiting` and `quarantined` messages, `oldest_seconds` of those nobody refused."""
        return await self._sweep.backlog()

    async def _relay_handed_over(self) -> None:
        while True:
            leaving = self._leaving.is_set()
            self._handed.clear()
            while bundles := self._next():
                await self._publish(bundles)
            if leaving:
                return
            await self._handed.wait()

    def _next(self) -> list[Bundle]:
        """So many as make a batch; they stay in hand until they are published."""
        bundles: list[Bundle] = []
        size = 0
        for bundle in self._in_hand.values():
            if bundles and size + len(bundle.messages) > self._limit:
                break
            bundles.append(bundle)
            size += len(bundle.messages)
        return bundles

    async def _publish(self, bundles: Sequence[Bundle]) -> None:
        messages = [message for bundle in bundles for message in bundle.messages]
        try:
            problems = await self._publisher.publish_many(messages)
        except Exception as error:
            self._give_up(error)
            return
        refused = [
            one
            for message, problem in zip(messages, problems, strict=True)
            if problem is not None and not is_lost(one := Refused(message, problem))
        ]
        if refused and not await self._set_aside(refused, bundles):
            return
        self._count(len(messages) - len(refused), refused)
        self._drop(bundles)
        self._published_ids += [bundle.id for bundle in bundles]
        self._to_clean.set()

    def _give_up(self, error: Exception) -> None:
        """The sweep goes on with what is in hand, and with what comes until it has succeeded."""
        report = log.warning if is_transient(error) else log.exception
        report("outbox.relay_failed", error=repr(error), bundles=len(self._in_hand))
        self._trusting = False
        self._in_hand.clear()
        self._messages = 0

    async def _set_aside(self, refused: Sequence[Refused], bundles: Sequence[Bundle]) -> bool:
        try:
            await self._sweep.quarantine(refused, [bundle.id for bundle in bundles])
        except Exception as error:
            self._give_up(error)
            return False
        return True

    def _drop(self, bundles: Sequence[Bundle]) -> None:
        for bundle in bundles:
            if self._in_hand.pop(bundle.id, None) is not None:
                self._messages -= len(bundle.messages)

    async def _run_cleaning(self) -> None:
        while not self._leaving.is_set():
            await self._to_clean.wait()
            self._to_clean.clear()
            await is_set_within(self._leaving, CLEAN_SECONDS)
            await self._clean()

    async def _clean(self) -> None:
        """Delete what is published; what cannot be deleted is published again, and known then."""
        while ids := list(self._published_ids):
            try:
                await self._sweep.delete(ids)
            except Exception as error:
                log.warning("outbox.not_cleaned", error=repr(error), bundles=len(ids))
            del self._published_ids[: len(ids)]

    async def _run_sweep(self) -> None:
        while True:
            leaving = self._leaving.is_set()
            self._woken.clear()
            try:
                while await self.relay_once() and not leaving:
                    self._note_success()
            except Exception as error:
                self._sweep.size = max(1, self._sweep.size // 2)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                report = log.warning if is_transient(error) else log.exception
                report("outbox.sweep_failed", error=repr(error), retry_in=self._pause)
                patience = self._leaving
            else:
                self._note_success()
                patience = self._woken
            if leaving:
                return
            await is_set_within(patience, self._pause)

    def _note_success(self) -> None:
        """After a failure batches begin small again.

        So large messages on a slow line get through within the publisher's time-out.
        """
        self._sweep.size = min(self._sweep.size * 2, self._limit)
        self._pause = self._poll
        self._trusting = True

    def _count(self, published: int, refused: Sequence[Refused]) -> None:
        self.published += published
        self.quarantined += len(refused)
