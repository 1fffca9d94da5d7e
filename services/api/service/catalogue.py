"""The generators that can be asked for, kept in memory with their compiled schemas.

The truth is the table, which the projection of `generator.announced` writes. This copy is renewed
when this process projects one, when somebody asks for a name it does not know, and every few
seconds, so that several api processes agree.

Nobody says that a generator is gone: who has not been heard of for a while is not available, and
is still taken requests for, since it may come back (ADR 0042).
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from services.api.errors import GeneratorNotFoundError, UnknownGeneratorError
from services.api.models import AnnouncedGenerator
from services.api.service.input_schema import InputSchema, InvalidSchemaError
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.errors import FieldError

MISS_PAUSE = 0.25
"""Seconds between two looks into the table for names that are not there."""
AWAY: Final = timedelta(minutes=5)
"""Generators are announced every minute."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A generator, its compiled input schema, and when it was last heard of by our own clock.

    `heard` is None where all that is known was in the table when this process began.
    """

    generator: AnnouncedGenerator
    schema: InputSchema
    heard: float | None = None


class GeneratorCatalogue:
    """What has been announced."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock, away: timedelta = AWAY) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._away = away
        self._entries: dict[str, CatalogueEntry] = {}
        self._renewal: asyncio.Task[None] | None = None
        self._looked = float("-inf")

    async def renew(self) -> None:
        """Read the table."""
        async with self._unit_of_work() as work:
            generators = await work.generators.list_all()
        self.learn(generators)
        self._looked = asyncio.get_running_loop().time()

    def learn(self, generators: Iterable[AnnouncedGenerator]) -> None:
        """Take over newer announcements; schemas that did not change stay compiled."""
        for generator in generators:
            known = self._entries.get(generator.name)
            if known is not None and known.generator.announced_at > generator.announced_at:
                continue
            try:
                self._entries[generator.name] = _entry(generator, known)
            except InvalidSchemaError as error:
                log.error("catalogue.bad_schema", generator=generator.name, error=error.detail)

    async def require(self, name: str) -> CatalogueEntry:
        """The generator to use for a request. Raises `UnknownGeneratorError`."""
        entry = self._entries.get(name) or await self._look_for(name)
        if entry is None:
            names = ", ".join(sorted(self._entries)) or "none yet"
            raise UnknownGeneratorError(
                f"There is no generator {name!r}. Available: {names}.",
                errors=[FieldError("/generator", f"unknown; available: {names}")],
                extra={"available": sorted(self._entries)},
            )
        return entry

    async def get(self, name: str) -> AnnouncedGenerator:
        """The generator of this name. Raises `GeneratorNotFoundError`."""
        entry = self._entries.get(name) or await self._look_for(name)
        if entry is None:
            raise GeneratorNotFoundError(f"There is no generator {name!r}.")
        return entry.generator

    def list_all(self) -> list[AnnouncedGenerator]:
        """Every generator, by name."""
        return [self._entries[name].generator for name in sorted(self._entries)]

    def is_available(self, name: str) -> bool:
        """Whether a worker of it was heard of lately: by its own clock, or by ours."""
        entry = self._entries.get(name)
        if entry is None:
            return False
        if entry.heard is not None and time.monotonic() - entry.heard < self._away.total_seconds():
            return True
        return self._clock.now() - entry.generator.announced_at < self._away

    async def _look_for(self, name: str) -> CatalogueEntry | None:
        age = asyncio.get_running_loop().time() - self._looked
        if age > MISS_PAUSE:
            await self._renew_together()
        return self._entries.get(name)

    async def _renew_together(self) -> None:
        """One look into the table for everybody who wants one now, however it ends."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self.renew(), name="catalogue.miss")
        await asyncio.shield(self._renewal)


def _entry(generator: AnnouncedGenerator, known: CatalogueEntry | None) -> CatalogueEntry:
    if known is None:
        return CatalogueEntry(generator, InputSchema(generator.input_schema))
    is_news = generator.announced_at > known.generator.announced_at
    same = known.generator.input_schema == generator.input_schema
    schema = known.schema if same else InputSchema(generator.input_schema)
    return CatalogueEntry(generator, schema, time.monotonic() if is_news else known.heard)
