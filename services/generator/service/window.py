"""How much is taken out of each queue: a bounded window, so that the backlog stays in RabbitMQ.

There ops see it and autoscaling counts it; what is in the window is in Postgres, where it can be
chosen well. The window counts the unfinished jobs of all processes. A queue and its overflow have a
window each: a long overflow keeps nobody's first jobs out, and goes on however busy the queue is.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Protocol

import structlog

from services.generator.unit_of_work import OpenUnitOfWork
from shared.events import Lane
from shared.periodic import Periodic

WorkQueue = tuple[str, Lane, bool]
"""A generator's backlog in one lane, or (True) its overflow."""
OpenJobs = Mapping[WorkQueue, int]

log = structlog.get_logger(__name__)


class Consumer(Protocol):
    """What is paused: a queue's subscriber."""

    async def pause(self) -> None: ...

    async def resume(self) -> None: ...


async def count_open(open_unit_of_work: OpenUnitOfWork) -> OpenJobs:
    """The unfinished jobs of all processes."""
    async with open_unit_of_work() as work:
        return await work.admission.count_open()


class Window:
    """Pauses a queue's consumer when `size` of its jobs are open, resumes it at half of that."""

    def __init__(
        self,
        count: Callable[[], Awaitable[OpenJobs]],
        size: int,
        poll: timedelta,
        counted: Callable[[OpenJobs], None] = lambda _: None,
    ) -> None:
        self._count = count
        self._size = size
        self._counted = counted
        self._consumers: dict[WorkQueue, Consumer] = {}
        self._paused: set[WorkQueue] = set()
        self._guessed: dict[WorkQueue, int] = {}
        self._check = Periodic("window", self.check, poll)

    def watch(self, queue: WorkQueue, consumer: Consumer) -> None:
        """Let this consumer be paused and resumed."""
        self._consumers[queue] = consumer

    def start(self) -> None:
        """Begin watching."""
        self._check.start()

    async def stop(self) -> None:
        """Resume nothing any more."""
        await self._check.stop()

    def finished(self) -> None:
        """Jobs ended: there may be room again."""
        if self._paused:
            self._check.wake()

    async def admitted(self, queues: Iterable[WorkQueue]) -> None:
        """These jobs were taken in. Counted only when a window may be full."""
        for queue in queues:
            self._guessed[queue] = self._guessed.get(queue, 0) + 1
        if any(self._guessed[queue] >= self._size for queue in self._guessed.keys() - self._paused):
            await self.check()

    async def check(self) -> None:
        """Count; pause what is full, resume what has room."""
        await self._adjust(await self._count())

    async def _adjust(self, open_jobs: OpenJobs) -> None:
        self._guessed = dict(open_jobs)
        self._counted({queue: open_jobs.get(queue, 0) for queue in self._consumers})
        for queue, consumer in self._consumers.items():
            count = open_jobs.get(queue, 0)
            if queue not in self._paused and count >= self._size:
                self._paused.add(queue)
                await consumer.pause()
            elif queue in self._paused and count <= self._size // 2:
                await consumer.resume()
                self._paused.discard(queue)
