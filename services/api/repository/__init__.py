"""Every SQL statement of the api. One class per kind of thing, on an open transaction.

Verbs: `get` raises when there is none, `find` answers None, `list_…`, `add`, `lock`.
"""

from services.api.repository.acceptance import AcceptanceRepository
from services.api.repository.dead_letters import DeadLetterRepository
from services.api.repository.generators import GeneratorRepository
from services.api.repository.jobs import MediaRequestRepository
from services.api.repository.projection import ProjectionRepository

__all__ = [
    "AcceptanceRepository",
    "DeadLetterRepository",
    "GeneratorRepository",
    "MediaRequestRepository",
    "ProjectionRepository",
]
