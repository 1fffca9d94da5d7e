"""Telling everybody which generators there are: at the start, again and again, and on changes.

The first announcements follow each other quickly: whoever starts at the same time hears one soon.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from services.generator.registry import AnyGenerator, GeneratorRegistry
from services.generator.service.events import SOURCE
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, derived_id
from shared.events import CloudEvent, GeneratorAnnounced, announce
from shared.periodic import Periodic

FIRST = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30))


class AnnouncementService:
    """Says `generator.announced` of the hosted generators, through the outbox."""

    def __init__(
        self,
        open_unit_of_work: OpenUnitOfWork,
        registry: GeneratorRegistry,
        clock: Clock,
        interval: timedelta,
    ) -> None:
        self._open = open_unit_of_work
        self._registry = registry
        self._clock = clock
        self._schemas: dict[str, dict[str, Any]] = {}
        first = [pause for pause in FIRST if pause < interval]
        self._periodic = Periodic("announcing", self.announce, interval, first)

    def start(self) -> None:
        """Begin announcing; the queues have to exist by now."""
        self._periodic.start()

    async def stop(self) -> None:
        """Announce no more."""
        await self._periodic.stop()

    async def announce(self, names: Collection[str] | None = None) -> None:
        """Announce these (all, when none are named), once, with whether they are paused now."""
        wanted = [kind for kind in self._registry if names is None or kind.name in names]
        async with self._open() as work:
            paused = await work.controls.list_paused([kind.name for kind in wanted])
            await work.outbox.add([self._event(kind, kind.name in paused) for kind in wanted])

    def _event(self, kind: AnyGenerator, paused: bool) -> CloudEvent:
        now = self._clock.now()
        data = GeneratorAnnounced(
            name=kind.name,
            generator_version=kind.version,
            description=kind.description,
            input_schema=self._schema(kind),
            media_types=tuple(kind.media_types),
            example=kind.example,
            paused=paused,
            max_cost=kind.max_cost(),
            announced_at=now,
        )
        event_id = derived_id(data.type_name, kind.name, kind.version, now.isoformat())
        return announce(data, source=SOURCE, time=now, event_id=event_id)

    def _schema(self, kind: AnyGenerator) -> dict[str, Any]:
        if kind.name not in self._schemas:
            self._schemas[kind.name] = kind.input_model.model_json_schema()
        return self._schemas[kind.name]
