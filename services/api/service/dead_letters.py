"""The store of dead letters: keeping, showing, and throwing them away.

Neighbours: `dead_messages` reads what arrives, `replaying` sends letters back to their queues.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from services.api.errors import DeadLetterNotFoundError
from services.api.metrics import DeadLetterMetrics
from services.api.models import DeadLetter, DeadLetterFilter, DeadLetterGroup
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock

REPLAYED_LAST = timedelta(days=30)
"""How long it can be seen what was replayed."""
_ALL = DeadLetterFilter(limit=0)


class DeadLetterService:
    """The store of dead letters. What nobody waits for has a `patient` unit of work."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        patient: OpenUnitOfWork,
        clock: Clock,
        metrics: DeadLetterMetrics,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._patient = patient
        self._clock = clock
        self._metrics = metrics

    async def store(self, letters: Sequence[DeadLetter]) -> None:
        """Keep a batch."""
        async with self._patient() as work:
            stored = await work.dead_letters.add(letters)
        self._metrics.stored(stored)

    async def get(self, letter_id: UUID) -> DeadLetter:
        """Raises `DeadLetterNotFoundError`."""
        async with self._unit_of_work() as work:
            return await work.dead_letters.get(letter_id)

    async def list_by(self, wanted: DeadLetterFilter) -> list[DeadLetter]:
        """Newest first."""
        async with self._unit_of_work() as work:
            return await work.dead_letters.list_by(wanted)

    async def list_groups(self, wanted: DeadLetterFilter) -> list[DeadLetterGroup]:
        """By queue and reason, the most first."""
        async with self._unit_of_work() as work:
            return await work.dead_letters.list_groups(wanted)

    async def delete(self, letter_id: UUID) -> None:
        """Throw one away. Raises `DeadLetterNotFoundError`."""
        async with self._unit_of_work() as work:
            if not await work.dead_letter_claims.delete(letter_id):
                raise DeadLetterNotFoundError(f"There is no dead letter {letter_id}.")

    async def purge(self, wanted: DeadLetterFilter) -> tuple[int, int]:
        """Throw away the oldest of those, at most `limit`: how many, and how many remain."""
        async with self._unit_of_work() as work:
            purged = await work.dead_letter_claims.purge(wanted)
            return purged, await work.dead_letters.count(wanted)

    async def keep_house(self) -> None:
        """Forget what was replayed long ago, and count what waits for somebody."""
        async with self._patient() as work:
            await work.dead_letter_claims.forget_replayed(self._clock.now() - REPLAYED_LAST)
            waiting = await work.dead_letters.count(_ALL)
        self._metrics.waiting(waiting)
