"""The notifier's transaction: verdicts and what they say, or neither."""

from sqlalchemy.ext.asyncio import AsyncConnection

from services.notifier.repository import VerdictRepository
from shared.database.unit_of_work import UnitOfWork


class NotifierUnitOfWork(UnitOfWork):
    """Use as `async with NotifierUnitOfWork(engine, relay.wake) as work:`."""

    verdicts: VerdictRepository

    def open(self, connection: AsyncConnection) -> None:
        self.verdicts = VerdictRepository(connection)
