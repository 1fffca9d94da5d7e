"""Pausing generators, and resuming them: the operators' words kept, and every process told.

Jobs of a paused generator are not claimed (the claim itself looks, so nobody starts one late); what
runs goes on. Its queue fills the window, and from there on stays in RabbitMQ.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta

import structlog

from services.generator.models import EVERY_GENERATOR, ControlWord
from services.generator.repository.wakeups import CONTROL
from services.generator.unit_of_work import OpenUnitOfWork
from shared.events import Action, CloudEvent, ControlGenerators
from shared.periodic import Periodic

log = structlog.get_logger(__name__)


class PauseService:
    """Keeps words, and watches what they come to for the generators hosted here.

    `announce` is called with those that changed, `resumed` when some of them go on.
    """

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        hosted: Sequence[str],
        worker: str,
        *,
        announce: Callable[[Collection[str]], Awaitable[None]],
        resumed: Callable[[], None],
        show: Callable[[str, bool], None],
        poll: timedelta,
    ) -> None:
        self._open = open_unit_of_work
        self._hosted = tuple(hosted)
        self._worker = worker
        self._announce = announce
        self._resumed = resumed
        self._show = show
        self._paused: frozenset[str] = frozenset()
        self._watch = Periodic("pauses", self.look, poll)

    def start(self) -> None:
        """Begin watching; what is said from now on is announced."""
        for name in self._hosted:
            self._show(name, False)
        self._watch.start()

    async def stop(self) -> None:
        """End."""
        await self._watch.stop()

    def look_soon(self) -> None:
        """Somebody said something."""
        self._watch.wake()

    async def handle(self, words: Sequence[ControlWord]) -> None:
        """Keep the newest words and tell all processes, in one transaction."""
        async with self._open() as work:
            news = await work.controls.record(words)
            if news:
                await work.wakeups.notify(CONTROL, self._worker)
        if news:
            self.look_soon()

    async def look(self) -> None:
        """See what is paused now, and say what has changed."""
        async with self._open() as work:
            paused = await work.controls.list_paused(self._hosted)
        changed = paused ^ self._paused
        if not changed:
            return
        await self._announce(changed)
        resumed, self._paused = self._paused - paused, paused
        for name in sorted(changed):
            self._show(name, name in paused)
            log.info("generator.paused" if name in paused else "generator.resumed", generator=name)
        if resumed:
            self._resumed()


def word_of(event: CloudEvent) -> ControlWord | None:
    """The operator's word that an event is; None when it is none."""
    data = event.data
    if not isinstance(data, ControlGenerators):
        return None
    return ControlWord(
        generator=data.generator or EVERY_GENERATOR,
        paused=data.action is Action.PAUSE,
        said_at=event.time,
        message_id=event.id,
    )
