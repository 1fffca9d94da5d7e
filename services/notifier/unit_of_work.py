"""The notifier's transaction: verdicts, what is pending, who is to be called, and what they say."""

from services.notifier.repository import (
    DeliveryLogRepository,
    DeliveryRepository,
    EndpointRepository,
    PendingEndRepository,
    VerdictRepository,
)
from shared.database.connection import Connection
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.outbox import Outbox


class NotifierUnitOfWork(UnitOfWork):
    """Use as `async with NotifierUnitOfWork(engine, relay.wake) as work:`."""

    verdicts: VerdictRepository
    pending_ends: PendingEndRepository
    deliveries: DeliveryRepository

    def open(self, connection: Connection) -> None:
        self._open = connection
        self.verdicts = VerdictRepository(connection)
        self.pending_ends = PendingEndRepository(connection)
        self.deliveries = DeliveryRepository(connection)

    @property
    def endpoints(self) -> EndpointRepository:
        """Who is to be called."""
        return EndpointRepository(self._open)

    @property
    def delivery_log(self) -> DeliveryLogRepository:
        """What became of it."""
        return DeliveryLogRepository(self._open)

    @property
    def outbox(self) -> Outbox:
        """What is said beside verdicts."""
        return Outbox(self._open)
