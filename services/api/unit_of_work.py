"""The api's unit of work: one transaction, and every repository on it."""

from collections.abc import Callable

from services.api.repository import (
    AcceptanceRepository,
    BudgetRepository,
    DeadLetterClaims,
    DeadLetterRepository,
    DeadlineRepository,
    DeletionRepository,
    EndingRepository,
    EventLogRepository,
    GeneratorRepository,
    KeyRepository,
    LimitRepository,
    MediaRequestRepository,
    ProjectionRepository,
    ReferenceRepository,
    SharingRepository,
    UploadRepository,
)
from shared.database.connection import Connection
from shared.database.unit_of_work import UnitOfWork
from shared.messaging.outbox import Outbox


class ApiUnitOfWork(UnitOfWork):
    """`async with unit_of_work() as work:`; a clean exit commits."""

    acceptance: AcceptanceRepository
    budgets: BudgetRepository
    jobs: MediaRequestRepository
    projection: ProjectionRepository
    endings: EndingRepository
    event_log: EventLogRepository
    deadlines: DeadlineRepository
    deletions: DeletionRepository
    generators: GeneratorRepository
    keys: KeyRepository
    limits: LimitRepository
    references: ReferenceRepository
    sharing: SharingRepository
    uploads: UploadRepository
    dead_letters: DeadLetterRepository
    dead_letter_claims: DeadLetterClaims
    outbox: Outbox

    def open(self, connection: Connection) -> None:
        self.acceptance = AcceptanceRepository(connection)
        self.budgets = BudgetRepository(connection)
        self.jobs = MediaRequestRepository(connection)
        self.projection = ProjectionRepository(connection)
        self.endings = EndingRepository(connection)
        self.event_log = EventLogRepository(connection)
        self.deadlines = DeadlineRepository(connection)
        self.deletions = DeletionRepository(connection)
        self.generators = GeneratorRepository(connection)
        self.keys = KeyRepository(connection)
        self.limits = LimitRepository(connection)
        self.references = ReferenceRepository(connection)
        self.sharing = SharingRepository(connection)
        self.uploads = UploadRepository(connection)
        self.dead_letters = DeadLetterRepository(connection)
        self.dead_letter_claims = DeadLetterClaims(connection)
        self.outbox = Outbox(connection)


OpenUnitOfWork = Callable[[], ApiUnitOfWork]
