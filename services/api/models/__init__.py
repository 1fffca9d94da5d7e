"""What the api keeps: its tables, and the values its services and repositories speak of.

Neighbours: repository/ holds every statement on these tables, migrations/ makes them.
"""

from services.api.models.budgets import Account, Budget, Charge, Period, money, usd
from services.api.models.deletion import Retention, Tombstone
from services.api.models.ending import Ended, Ending
from services.api.models.job import (
    EarlierUse,
    Job,
    JobFilter,
    Json,
    KeyUse,
    NewRequest,
    Status,
)
from services.api.models.records import (
    AnnouncedGenerator,
    ControlWish,
    DeadLetter,
    DeadLetterFilter,
    DeadLetterGroup,
)
from services.api.models.tables import ApiTable
from services.api.models.uploads import Upload, UploadClaim

__all__ = [
    "Account",
    "AnnouncedGenerator",
    "ApiTable",
    "Budget",
    "Charge",
    "ControlWish",
    "DeadLetter",
    "DeadLetterFilter",
    "DeadLetterGroup",
    "EarlierUse",
    "Ended",
    "Ending",
    "Job",
    "JobFilter",
    "Json",
    "KeyUse",
    "NewRequest",
    "Period",
    "Retention",
    "Status",
    "Tombstone",
    "Upload",
    "UploadClaim",
    "money",
    "usd",
]
