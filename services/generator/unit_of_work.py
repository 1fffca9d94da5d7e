"""The generator's unit of work: one transaction, and every repository on it."""

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from services.generator.repository import (
    AdmissionRepository,
    ClaimRepository,
    LeaseRepository,
    ResultRepository,
    StopRepository,
    WakeupRepository,
)
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.outbox import Outbox


class GeneratorUnitOfWork(UnitOfWork):
    """`async with unit_of_work() as work:`; a clean exit commits."""

    admission: AdmissionRepository
    claims: ClaimRepository
    leases: LeaseRepository
    results: ResultRepository
    stops: StopRepository
    wakeups: WakeupRepository
    outbox: Outbox

    def open(self, connection: AsyncConnection) -> None:
        self.admission = AdmissionRepository(connection)
        self.claims = ClaimRepository(connection)
        self.leases = LeaseRepository(connection)
        self.results = ResultRepository(connection)
        self.stops = StopRepository(connection)
        self.wakeups = WakeupRepository(connection)
        self.outbox = Outbox(connection)


OpenUnitOfWork = Callable[[], GeneratorUnitOfWork]
