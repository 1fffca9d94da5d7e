"""A client of the HTTP API, for programs and for the `darkroom` command.

    async with DarkroomClient("http://127.0.0.1:8000") as darkroom:
        job = await darkroom.make("card", {"title": "Hello"})
        await darkroom.download(job, Path("hello.png"))

`SyncDarkroomClient` is the same without `await`.
Needs httpx (the extra `cli`); nothing of the services.
"""

from shared.client.budgets import Budgets
from shared.client.client import DarkroomClient
from shared.client.credentials import API_KEY, BadApiKeyError
from shared.client.dead_letters import DeadLetters
from shared.client.errors import (
    ApiConflictError,
    ApiForbiddenError,
    ApiGoneError,
    ApiNotFoundError,
    ApiProblemError,
    ApiUnauthenticatedError,
    ApiUnavailableError,
    BusyError,
    ContentMismatchError,
    HeldBackError,
    InvalidRequestError,
    NoContentError,
    NotMadeError,
    OutOfServiceError,
    OverBudgetError,
    Problem,
    StillRunningError,
    TooMuchError,
    UnexpectedAnswerError,
)
from shared.client.events import LiveEvent
from shared.client.keys import ApiKey, Keys, NewApiKey
from shared.client.letters import (
    DeadLetter,
    DeadLetterFilter,
    DeadLetterGroup,
    NotReplayed,
    Purge,
    Replay,
)
from shared.client.limits import Limits, Quota, RateLimit, TenantLimits
from shared.client.models import (
    Attempt,
    BatchAnswer,
    Budget,
    Collected,
    Control,
    Failure,
    Generator,
    Job,
    JobAsset,
    Page,
    Progress,
    Reconciliation,
    RequestOptions,
    Upload,
    Urls,
)
from shared.client.sync_client import SyncDarkroomClient
from shared.client.webhooks import Webhooks, verify_webhook
from shared.rate import Rate

__all__ = [
    "API_KEY",
    "ApiConflictError",
    "ApiForbiddenError",
    "ApiGoneError",
    "ApiKey",
    "ApiNotFoundError",
    "ApiProblemError",
    "ApiUnauthenticatedError",
    "ApiUnavailableError",
    "Attempt",
    "BadApiKeyError",
    "BatchAnswer",
    "Budget",
    "Budgets",
    "BusyError",
    "Collected",
    "ContentMismatchError",
    "Control",
    "DarkroomClient",
    "DeadLetter",
    "DeadLetterFilter",
    "DeadLetterGroup",
    "DeadLetters",
    "Failure",
    "Generator",
    "HeldBackError",
    "InvalidRequestError",
    "Job",
    "JobAsset",
    "Keys",
    "Limits",
    "LiveEvent",
    "NewApiKey",
    "NoContentError",
    "NotMadeError",
    "NotReplayed",
    "OutOfServiceError",
    "OverBudgetError",
    "Page",
    "Problem",
    "Progress",
    "Purge",
    "Quota",
    "Rate",
    "RateLimit",
    "Reconciliation",
    "Replay",
    "RequestOptions",
    "StillRunningError",
    "SyncDarkroomClient",
    "TenantLimits",
    "TooMuchError",
    "UnexpectedAnswerError",
    "Upload",
    "Urls",
    "Webhooks",
    "verify_webhook",
]
