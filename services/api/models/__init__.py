"""What the api keeps: its tables, and the values its services and repositories speak of.

Neighbours: repository/ holds every statement on these tables, migrations/ makes them.
"""

from services.api.models.access import (
    ALL_SCOPES,
    ANYBODY,
    OPERATOR,
    ApiKey,
    Caller,
    KeyRules,
    Scope,
)
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
from services.api.models.limit_tables import RateUseRow, TenantLimitRow
from services.api.models.limits import Policy, Rate, TenantLimits
from services.api.models.records import (
    AnnouncedGenerator,
    ControlWish,
    DeadLetter,
    DeadLetterFilter,
    DeadLetterGroup,
)
from services.api.models.tables import ApiTable
from services.api.models.uploads import Upload, UploadClaim
from services.api.models.waiting import Missing, Place, Waiting

__all__ = [
    "ALL_SCOPES",
    "ANYBODY",
    "OPERATOR",
    "Account",
    "AnnouncedGenerator",
    "ApiKey",
    "ApiTable",
    "Budget",
    "Caller",
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
    "KeyRules",
    "KeyUse",
    "Missing",
    "NewRequest",
    "Period",
    "Place",
    "Policy",
    "Rate",
    "RateUseRow",
    "Retention",
    "Scope",
    "Status",
    "TenantLimitRow",
    "TenantLimits",
    "Tombstone",
    "Upload",
    "UploadClaim",
    "Waiting",
    "money",
    "usd",
]
