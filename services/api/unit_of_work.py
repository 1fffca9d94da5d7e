"""The api's unit of work: one transaction, and every repository on it."""

from collections.abc import Callable

from services.api.repository import (
    AcceptanceRepository,
    BudgetRepository,
    DeadLetterClaims,
    DeadLetterRepository,
    DeadlineRepository,
    EndingRepository,
    GeneratorRepository,
    MediaRequestRepository,
    ProjectionRepository,
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
    deadlines: DeadlineRepository
    generators: GeneratorRepository
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
        self.deadlines = DeadlineRepository(connection)
        self.generators = GeneratorRepository(connection)
        self.uploads = UploadRepository(connection)
        self.dead_letters = DeadLetterRepository(connection)
        self.dead_letter_claims = DeadLetterClaims(connection)
        self.outbox = Outbox(connection)


OpenUnitOfWork = Callable[[], ApiUnitOfWork]
