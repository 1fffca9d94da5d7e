"""What the API answers, as a client sees it.

Unknown fields are kept out of the way, so that a newer API breaks no older client; the published
shapes are those of docs/openapi.json.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypedDict, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.client.errors import Problem

FINAL = frozenset({"ready", "failed", "canceled", "expired"})
"""Statuses that never change."""

Item = TypeVar("Item")


class Answer(BaseModel):
    """Anything that the API answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RequestOptions(TypedDict, total=False):
    """What may be said beside generator and input; None is as good as nothing."""

    metadata: Mapping[str, Any] | None
    priority: str | None
    webhook: Mapping[str, Any] | None
    deadline_seconds: int | None
    """Never start it later than this."""
    attempt_timeout_seconds: int | None
    total_timeout_seconds: int | None
    """Made or not, it ends within this."""
    max_attempts: int | None
    """1: never try again."""
    expires_in: int | None
    """Seconds to keep the assets."""


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
    cost: float | None = None
    """What the provider charged, in USD."""


class Reconciliation(Answer):
    """What is known of an order that a provider may have taken; `resolution`: what was decided."""

    attempt: int
    provider: str
    provider_job_id: str | None = None
    since: datetime | None = None
    resolution: str | None = None


class Budget(Answer):
    """What may be spent at providers, and how that stands; all in USD. No `limit`: anything."""

    tenant: str
    limit: float | None = None
    period: str = "month"
    period_starts_at: datetime | None = None
    period_ends_at: datetime | None = None
    spent: float
    reserved: float
    left: float | None = None


class Collected(Answer):
    """What is in the store: what somebody refers to, what is too young to say, and the rest."""

    dry_run: bool
    before: datetime
    kept_objects: int
    kept_bytes: int
    young_objects: int
    young_bytes: int
    garbage_objects: int
    garbage_bytes: int


class Upload(Answer):
    """A file that was brought along; inputs name it by its `id`."""

    id: UUID
    sha256: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    filename: str | None = None
    created_at: datetime | None = None


class JobAsset(Answer):
    """One file that came out: inputs name it by its `id`, its bytes are at `url`."""

    id: str | None = None
    sha256: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    placeholder: str | None = None
    role: str = "primary"
    filename: str | None = None
    url: str | None = None


class Urls(Answer):
    """Where to go on from a job."""

    self: str | None = None
    content: str | None = None
    thumbnail: str | None = None
    cancel: str | None = None
    retry: str | None = None
    reconcile: str | None = None


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
    cost: float | None = None
    reconciliation: Reconciliation | None = None
    assets: tuple[JobAsset, ...] = ()
    error: Failure | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)
    input: dict[str, Any] | None = None
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    updated_at: datetime | None = None
    deadline_at: datetime | None = None
    finish_by: datetime | None = None
    attempt_timeout_seconds: int | None = None
    total_timeout_seconds: int | None = None
    max_attempts: int | None = None
    retried_from: UUID | None = None
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
    paused: bool = False
    available: bool = True
    """Whether a worker of it was heard of lately; what is asked for meanwhile waits."""
    max_cost: float | None = None
    """What one job can cost at a provider, in USD, at most."""


class Control(Answer):
    """What was asked of a generator (of all, when none is named): `pause` or `resume`."""

    generator: str | None = None
    action: str
    requested_at: datetime


class Page(Answer, Generic[Item]):
    """A part of a list; `next_cursor` leads to the next part, None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None
