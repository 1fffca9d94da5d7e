"""What the API answers, as a client sees it.

Unknown fields are kept out of the way, so that a newer API breaks no older client; the published
shapes are those of docs/openapi.json.
"""

from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.client.errors import Problem

FINAL = frozenset({"ready", "failed", "canceled", "expired"})
"""Statuses that never change."""

Item = TypeVar("Item")


class Answer(BaseModel):
    """Anything that the API answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Progress(Answer):
    """How far it is: 0-100, or None when that cannot be known."""

    percent: float | None = None
    message: str | None = None


class Failure(Answer):
    """Why something failed, for a program (`code`) and for a person (`message`)."""

    code: str
    message: str
    retryable: bool = False


class Attempt(Answer):
    """One try of a worker."""

    number: int
    worker: str | None = None
    backend: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    failure: Failure | None = None


class JobAsset(Answer):
    """One file that came out; `url` is where its bytes are."""

    sha256: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    role: str = "primary"
    filename: str | None = None
    url: str | None = None


class Urls(Answer):
    """Where to go on from a job."""

    self: str | None = None
    content: str | None = None
    cancel: str | None = None


class Job(Answer):
    """A media request and how it stands."""

    id: UUID
    status: str
    generator: str
    tenant: str | None = None
    priority: str | None = None
    progress: Progress | None = None
    queue_position: int | None = None
    attempts: tuple[Attempt, ...] = ()
    assets: tuple[JobAsset, ...] = ()
    error: Failure | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    input: dict[str, Any] | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime | None = None
    urls: Urls = Urls()

    @property
    def is_final(self) -> bool:
        """Whether the status never changes any more."""
        return self.status in FINAL

    @property
    def primary(self) -> JobAsset | None:
        """The file that was asked for; None until there is one."""
        return next((asset for asset in self.assets if asset.role == "primary"), None)


class BatchAnswer(Answer):
    """What became of one request of a batch: a job or a problem."""

    status: int
    job: Job | None = None
    problem: Problem | None = None


class Generator(Answer):
    """A generator that was announced."""

    name: str
    version: str
    description: str = ""
    input_schema: dict[str, Any] = Field(default_factory=dict)
    media_types: tuple[str, ...] = ()
    example: dict[str, Any] = Field(default_factory=dict)


class DeadLetter(Answer):
    """A message that could not be handled, and why; lists leave stack, headers and body out."""

    id: UUID
    received_at: datetime
    queue: str
    error_class: str = ""
    error_code: str = ""
    error_message: str = ""
    stack: str = ""
    message_id: str = ""
    type: str = ""
    exchange: str = ""
    routing_key: str = ""
    content_type: str = ""
    headers: dict[str, Any] = Field(default_factory=dict)
    size: int = 0
    body: str | None = None
    body_base64: str = ""


class Page(Answer, Generic[Item]):
    """A part of a list; `next_cursor` leads to the next part, None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
