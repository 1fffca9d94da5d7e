"""The generator's unit of work: one transaction, and every repository on it."""

from collections.abc import Callable

from services.generator.repository import (
    AdmissionRepository,
    ClaimRepository,
    ControlRepository,
    ErasureRepository,
    LeaseRepository,
    ProviderRepository,
    ReapingRepository,
    ReconciliationRepository,
    ResultRepository,
    StopRepository,
    WakeupRepository,
)
from shared.database.connection import Connection
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.outbox import Outbox


class GeneratorUnitOfWork(UnitOfWork):
    """`async with unit_of_work() as work:`; a clean exit commits."""

    admission: AdmissionRepository
    claims: ClaimRepository
    controls: ControlRepository
    erasures: ErasureRepository
    leases: LeaseRepository
    providers: ProviderRepository
    reaping: ReapingRepository
    reconciliations: ReconciliationRepository
    results: ResultRepository
    stops: StopRepository
    wakeups: WakeupRepository
    outbox: Outbox

    def open(self, connection: Connection) -> None:
        self.admission = AdmissionRepository(connection)
        self.claims = ClaimRepository(connection)
        self.controls = ControlRepository(connection)
        self.erasures = ErasureRepository(connection)
        self.leases = LeaseRepository(connection)
        self.providers = ProviderRepository(connection)
        self.reaping = ReapingRepository(connection)
        self.reconciliations = ReconciliationRepository(connection)
        self.results = ResultRepository(connection)
        self.stops = StopRepository(connection)
        self.wakeups = WakeupRepository(connection)
        self.outbox = Outbox(connection)


OpenUnitOfWork = Callable[[], GeneratorUnitOfWork]
