"""The third process: the first result of a job is its last word."""

from tests.benchmarks.amqp.connection import Delivery
from tests.benchmarks.floor.stage import Outbox, Stage, read, together
from tests.benchmarks.floor.statements import CLOSE


class Close:
    """One arbiter process."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._outbox = Outbox(stage, "ready")

    async def run(self) -> None:
        """For ever."""
        take = self._stage.take("floor.outcomes", self._close)
        await together(take, self._outbox.run())

    async def _close(self, batch: list[Delivery]) -> None:
        await self._outbox.write(CLOSE, read(batch))
