"""Pausing and resuming generators: the wish is said to the generator service, which keeps it.

What a generator does about it comes back with its next announcement.
"""

from services.api.models import ControlWish
from services.api.service.catalogue import GeneratorCatalogue
from services.api.service.drafting import SOURCE
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, derived_id
from shared.events import Action, ControlGenerators, announce


class GeneratorControlService:
    """Says what operators want of generators."""

    def __init__(
        self, unit_of_work: OpenUnitOfWork, catalogue: GeneratorCatalogue, clock: Clock
    ) -> None:
        self._unit_of_work = unit_of_work
        self._catalogue = catalogue
        self._clock = clock

    async def control(self, action: Action, generator: str | None) -> ControlWish:
        """Pause or resume one generator, or all (None). Raises `GeneratorNotFoundError`.

        The last call counts: its moment is later than that of any call before it, whichever
        process took it and whatever their clocks say.
        """
        if generator is not None:
            await self._catalogue.get(generator)
        async with self._unit_of_work() as work:
            wish = await work.generators.wish(action, generator, self._clock.now())
            command = announce(
                ControlGenerators(action=action, generator=generator),
                source=SOURCE,
                time=wish.requested_at,
                event_id=derived_id(
                    ControlGenerators.type_name, generator or "", wish.requested_at.isoformat()
                ),
            )
            await work.outbox.add([command])
        return wish
