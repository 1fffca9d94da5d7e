"""The notifier's transaction: verdicts, what is pending, and what they say, or nothing."""

from services.notifier.repository import PendingEndRepository, VerdictRepository
from shared.database.connection import Connection
from shared.database.unit_of_work import UnitOfWork


class NotifierUnitOfWork(UnitOfWork):
    """Use as `async with NotifierUnitOfWork(engine, relay.wake) as work:`."""

    verdicts: VerdictRepository
    pending_ends: PendingEndRepository

    def open(self, connection: Connection) -> None:
        self.verdicts = VerdictRepository(connection)
        self.pending_ends = PendingEndRepository(connection)
