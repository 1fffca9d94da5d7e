"""Taking away stored bytes that nobody refers to any more: mark, then sweep.

Bytes are stored before anybody is told, so nothing is touched that is younger than the grace, or
younger than the oldest job that has not ended: what such a job has made, or is about to say that it
has made, was written or made new (`shared.storage.REFRESH`) after it was accepted. ADR 0034 says
why that is enough.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from services.api.errors import ForeignStoreError
from services.api.metrics import RetentionMetrics
from services.api.repository.references import beginning
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, NewId
from shared.storage import REFRESH, StoredObject

GRACE = timedelta(hours=24)
_DIGITS = "0123456789abcdef"

log = structlog.get_logger(__name__)


class ClearableStore(Protocol):
    """What is needed of the asset store."""

    def list_by_beginning(self, beginning: str) -> AsyncIterator[Sequence[StoredObject]]: ...

    async def remove(self, sha256: str, before: datetime) -> bool: ...

    async def owner(self, candidate: str) -> str: ...


@dataclass(slots=True)
class Collected:
    """What was found; what is garbage was removed, unless it was a dry run. Sizes are in bytes.

    `young` is not referred to and may still be.
    """

    dry_run: bool
    before: datetime
    kept_objects: int = 0
    kept_bytes: int = 0
    young_objects: int = 0
    young_bytes: int = 0
    garbage_objects: int = 0
    garbage_bytes: int = 0


class CollectionService:
    """Clears the store. A run of one process leaves out nothing; two at once do no harm."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        store: ClearableStore,
        clock: Clock,
        new_id: NewId,
        *,
        metrics: RetentionMetrics,
        grace: timedelta = GRACE,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._metrics = metrics
        self._grace = grace

    async def collect(self, *, dry_run: bool = False) -> Collected:
        """Remove what nobody refers to, or only count it.

        Raises `ForeignStoreError`, `StorageUnavailableError`.
        """
        await self._check_owner()
        found = Collected(dry_run, await self._horizon())
        for digit in _DIGITS:
            async with self._unit_of_work() as work:
                work.alone()
                needed = await work.references.list_by_digit(digit)
            for other in _DIGITS:
                async for batch in self._store.list_by_beginning(digit + other):
                    await self._sweep(batch, needed, found)
        self._metrics.collected(found)
        log.info(
            "content.collected",
            dry_run=dry_run,
            objects=found.garbage_objects,
            bytes=found.garbage_bytes,
            kept=found.kept_objects,
        )
        return found

    async def collect_when_due(self, every: timedelta) -> None:
        """The same, when no process has done it for that time."""
        await self._check_owner()
        async with self._unit_of_work() as work:
            due = await work.references.begin_collection(self._clock.now(), every)
        if due:
            await self.collect()

    async def _sweep(
        self, batch: Sequence[StoredObject], needed: set[int], found: Collected
    ) -> None:
        for one in batch:
            if beginning(one.sha256) in needed:
                found.kept_objects += 1
                found.kept_bytes += one.size
            elif one.stored_at >= found.before:
                found.young_objects += 1
                found.young_bytes += one.size
            elif found.dry_run or await self._store.remove(one.sha256, found.before):
                found.garbage_objects += 1
                found.garbage_bytes += one.size

    async def _horizon(self) -> datetime:
        """What was stored before it is nobody's any more, or was never anybody's."""
        async with self._unit_of_work() as work:
            work.alone()
            oldest = await work.references.oldest_unfinished()
        latest = self._clock.now() - max(self._grace, REFRESH)
        return latest if oldest is None else min(latest, oldest - REFRESH)

    async def _check_owner(self) -> None:
        """Whatever somebody else stores there, nobody here refers to it: that must not be ours."""
        async with self._unit_of_work() as work:
            own = str(await work.references.own(self._new_id()))
        if (owner := await self._store.owner(own)) != own:
            raise ForeignStoreError(
                f"The store belongs to the Darkroom whose database calls itself {owner}, and this "
                f"one is {own}: give each a folder or prefix of its own. If the other one is gone, "
                "delete the object `owner` in the store."
            )
