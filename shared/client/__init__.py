"""A client of the HTTP API, for programs and for the `darkroom` command.

    async with DarkroomClient("http://127.0.0.1:8000") as darkroom:
        job = await darkroom.request("card", {"title": "Hello"})
        job = await darkroom.wait(job.id)
        await darkroom.download(job, Path("hello.png"))

Needs httpx (the extra `cli`); nothing of the services.
"""

from shared.client.client import DarkroomClient
from shared.client.errors import (
    ApiProblemError,
    ApiUnavailableError,
    BusyError,
    ContentMismatchError,
    NoContentError,
    Problem,
    StillRunningError,
    UnexpectedAnswerError,
)
from shared.client.models import (
    Attempt,
    BatchAnswer,
    DeadLetter,
    Failure,
    Generator,
    Job,
    JobAsset,
    Page,
    Progress,
    Urls,
)

__all__ = [
    "ApiProblemError",
    "ApiUnavailableError",
    "Attempt",
    "BatchAnswer",
    "BusyError",
    "ContentMismatchError",
    "DarkroomClient",
    "DeadLetter",
    "Failure",
    "Generator",
    "Job",
    "JobAsset",
    "NoContentError",
    "Page",
    "Problem",
    "Progress",
    "StillRunningError",
    "UnexpectedAnswerError",
    "Urls",
]
