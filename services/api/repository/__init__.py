"""Every SQL statement of the api. One class per kind of thing, on an open transaction.

Verbs: `get` raises when there is none, `find` answers None, `list_…`, `add`, `lock`, `claim`.
"""

from services.api.repository.acceptance import AcceptanceRepository
from services.api.repository.budgets import BudgetRepository
from services.api.repository.dead_letter_claims import DeadLetterClaims
from services.api.repository.dead_letters import DeadLetterRepository
from services.api.repository.deadlines import DeadlineRepository
from services.api.repository.deletions import DeletionRepository
from services.api.repository.endings import EndingRepository
from services.api.repository.event_log import EventLogRepository
from services.api.repository.generators import GeneratorRepository
from services.api.repository.jobs import MediaRequestRepository
from services.api.repository.keys import KeyRepository
from services.api.repository.limits import LimitRepository
from services.api.repository.projection import ProjectionRepository
from services.api.repository.references import ReferenceRepository
from services.api.repository.sharing import SharingRepository
from services.api.repository.uploads import UploadRepository

__all__ = [
    "AcceptanceRepository",
    "BudgetRepository",
    "DeadLetterClaims",
    "DeadLetterRepository",
    "DeadlineRepository",
    "DeletionRepository",
    "EndingRepository",
    "EventLogRepository",
    "GeneratorRepository",
    "KeyRepository",
    "LimitRepository",
    "MediaRequestRepository",
    "ProjectionRepository",
    "ReferenceRepository",
    "SharingRepository",
    "UploadRepository",
]
