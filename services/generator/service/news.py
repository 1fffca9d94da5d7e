"""What is said while an attempt lasts: that it has begun, and how far it is."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from services.generator.models import ClaimedJob, JobKey
from services.generator.service import events
from services.generator.service.held import HeldLeases
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.events import Attempt, CloudEvent
from shared.generators.context import Report
from shared.messaging.batcher import Batcher
from shared.messaging.outgoing import Outgoing, outgoing
from shared.messaging.publisher import PublishesMany

WORTH_A_WORD = timedelta(milliseconds=200)
"""Attempts that are over sooner are not announced: quick jobs cost no extra message."""
PROGRESS_PAUSE = timedelta(milliseconds=250)
"""At most four a second a job."""

LAST_WORDS = timedelta(seconds=1)
"""What is still said when the process is to end; nobody misses the rest."""

log = structlog.get_logger(__name__)


AttemptOf = Callable[[ClaimedJob], Attempt]


class Announcement:
    """That an attempt has begun; said when it is due, unless somebody cancels it."""

    __slots__ = ("attempt_of", "due", "job")

    def __init__(self, job: ClaimedJob, attempt_of: AttemptOf, due: float) -> None:
        self.job: ClaimedJob | None = job
        self.attempt_of = attempt_of
        self.due = due

    def cancel(self) -> None:
        """It is over: nothing is said."""
        self.job = None


class StartedNews:
    """Says `media.started`, through the outbox, of attempts that have lasted a while.

    All wait for the same time, so they come due in the order in which they began: one timer, for
    the first of them, is enough for all.
    """

    def __init__(self, open_unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._open = open_unit_of_work
        self._clock = clock
        self._batcher: Batcher[tuple[JobKey, CloudEvent], None] = Batcher(self._write)
        self._coming: deque[Announcement] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin saying."""
        self._batcher.start()

    async def stop(self) -> None:
        """Say what is due, then end."""
        if self._timer is not None:
            self._timer.cancel()
        await self._batcher.stop(LAST_WORDS)

    def later(self, job: ClaimedJob, attempt_of: AttemptOf) -> Announcement:
        """Say it once the attempt has lasted long enough; cancel it when the attempt ends."""
        loop = asyncio.get_running_loop()
        announcement = Announcement(job, attempt_of, loop.time() + WORTH_A_WORD.total_seconds())
        self._coming.append(announcement)
        if self._timer is None:
            self._timer = loop.call_at(announcement.due, self._say_what_is_due)
        return announcement

    def _say_what_is_due(self) -> None:
        loop = asyncio.get_running_loop()
        coming, now = self._coming, loop.time()
        while coming and (coming[0].job is None or coming[0].due <= now):
            announcement = coming.popleft()
            if announcement.job is not None:
                self._say(announcement.job, announcement.attempt_of(announcement.job))
        self._timer = loop.call_at(coming[0].due, self._say_what_is_due) if coming else None

    def _say(self, job: ClaimedJob, attempt: Attempt) -> None:
        event = events.started(job, attempt, self._clock.now())
        self._batcher.offer((job.key, event)).add_done_callback(_forget)

    async def _write(self, news: Sequence[tuple[JobKey, CloudEvent]]) -> Sequence[None]:
        async with self._open() as work:
            work.alone()
            await work.results.say_while_running(news)
        return [None] * len(news)


class ProgressNews:
    """Says `media.progressed`, straight to the broker: it may be lost, and holds nothing up.

    No statement looks at the fence here, so it is said only while the lease is certain.
    """

    def __init__(
        self,
        publisher: PublishesMany,
        clock: Clock,
        held: HeldLeases,
        now: Callable[[], float] = lambda: asyncio.get_running_loop().time(),
    ) -> None:
        self._publisher = publisher
        self._clock = clock
        self._held = held
        self._now = now
        self._batcher: Batcher[Outgoing, None] = Batcher(self._publish)

    def start(self) -> None:
        """Begin saying."""
        self._batcher.start()

    async def stop(self) -> None:
        """End."""
        await self._batcher.stop(LAST_WORDS)

    def reporter(self, job: ClaimedJob) -> Report:
        """What the generator reports its progress to."""
        allowed = float("-inf")

        async def report(percent: float | None, message: str | None) -> None:
            nonlocal allowed
            if (now := self._now()) < allowed or not self._held.certain(job.key):
                return
            allowed = now + PROGRESS_PAUSE.total_seconds()
            event = events.progressed(job, percent, message, self._clock.now())
            self._batcher.offer(outgoing(event)).add_done_callback(_forget)

        return report

    async def _publish(self, messages: Sequence[Outgoing]) -> Sequence[None]:
        await self._publisher.publish_many(messages)
        return [None] * len(messages)


def _forget(future: "asyncio.Future[None]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.debug("news.lost", error=repr(error))
