"""The second process: takes jobs, makes nothing, records that."""

from tests.benchmarks.amqp.connection import Delivery
from tests.benchmarks.floor.batching import Batches
from tests.benchmarks.floor.stage import Message, Outbox, Stage, columns, read, together
from tests.benchmarks.floor.statements import CLAIM, FINISH


class Work:
    """One worker process."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._outbox = Outbox(stage, "generated")
        self._made: Batches[Message] = Batches(self._finish)

    async def run(self) -> None:
        """For ever."""
        await together(
            self._stage.take("floor.work", self._claim),
            self._made.run(),
            self._outbox.run(),
        )

    async def _claim(self, batch: list[Delivery]) -> None:
        claimed = await self._stage.database.fetch(CLAIM, *columns(read(batch)))
        self._made.add(*((row["id"], b'{"assets":[]}') for row in claimed))

    async def _finish(self, batch: list[Message]) -> None:
        await self._outbox.write(FINISH, batch)
