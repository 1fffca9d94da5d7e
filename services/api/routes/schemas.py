"""The shapes of answers, as OpenAPI documents them. presenters.py fills them; a test compares."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.api.models import Status
from shared.events import (
    Action,
    Asset,
    Attempt,
    DeletionReason,
    Failure,
    Lane,
    RequestSpec,
    Resolution,
)
from shared.events.parts import Timestamp
from shared.problem import Problem


class ProgressOut(BaseModel):
    """How far it is, as last heard."""

    percent: float | None = Field(description="0-100; null: cannot be known.")
    message: str | None = None
    preview: str | None = Field(default=None, description="A small picture, as a data: URL.")


class AssetOut(Asset):
    """One file that came out."""

    id: str = Field(description="What inputs of other requests name it by: `<job id>/<n>`.")
    url: str = Field(description="Where its bytes are.")


class UploadUrls(BaseModel):
    """Where to go on from here; paths on the same host."""

    self: str
    content: str = Field(description="Its bytes.")


class UploadOut(BaseModel):
    """A file that was brought along."""

    id: UUID = Field(description="What inputs name it by.")
    sha256: str
    media_type: str = Field(description="Sniffed from the bytes, not assumed.")
    size: int = Field(description="Bytes.")
    width: int | None = Field(description="Pixels.")
    height: int | None = Field(description="Pixels.")
    duration: float | None = Field(description="Seconds.")
    filename: str | None
    declared_type: str | None = Field(description="What the sender called it.")
    created_at: Timestamp
    urls: UploadUrls


class UploadList(BaseModel):
    """Files, newest first."""

    items: list[UploadOut]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class JobUrls(BaseModel):
    """Where to go on from here; paths on the same host."""

    self: str
    content: str = Field(description="The primary asset, once it is ready.")
    thumbnail: str | None = Field(
        default=None, description="A small picture of it, where there is one."
    )
    cancel: str | None = Field(default=None, description="POST; while it can be canceled.")
    reconcile: str | None = Field(default=None, description="POST; when somebody has to decide.")
    retry: str | None = Field(default=None, description="POST; when it ended without media.")
    delete: str | None = Field(default=None, description="DELETE; once it has ended.")


class ReconciliationOut(BaseModel):
    """What is known of an order that a provider may have taken, and what was decided."""

    attempt: int = Field(description="The attempt that ordered it.")
    provider: str = Field(description="Who may have it.")
    provider_job_id: str | None = Field(description="What it is called there, if that is known.")
    since: Timestamp = Field(description="Since when nobody works on it.")
    resolution: Resolution | None = Field(description="What somebody has decided.")


class JobOut(BaseModel):
    """A media request."""

    id: UUID
    status: Status
    tenant: str
    generator: str
    priority: Lane
    progress: ProgressOut | None = Field(description="While it runs, when something was heard.")
    queue_position: int | None = Field(
        default=None,
        description="About how many are made before it, by turns of the tenants; only where one "
        "queued job is asked for.",
    )
    attempts: list[Attempt]
    cost: float | None = Field(
        description="What providers charge for its attempts so far, in USD; null: nothing."
    )
    reconciliation: ReconciliationOut | None = Field(
        default=None, description="Only while its status is `needs_reconciliation`."
    )
    assets: list[AssetOut]
    error: Failure | None = Field(description="Why it did not become ready.")
    metadata: dict[str, Any]
    input: dict[str, Any]
    correlation_id: str
    created_at: Timestamp
    started_at: Timestamp | None = Field(description="When its first attempt began.")
    finished_at: Timestamp | None
    updated_at: Timestamp
    deadline_at: Timestamp | None = Field(description="It is not started after this.")
    finish_by: Timestamp | None = Field(description="Ready or not, it ends by then.")
    attempt_timeout_seconds: int | None = Field(description="As asked for.")
    total_timeout_seconds: int | None = Field(
        description="As asked for; null: the default, which `finish_by` shows."
    )
    expires_in: int | None = Field(
        description="As asked for: seconds after its end until it is deleted."
    )
    expires_at: Timestamp | None = Field(
        description="When it is deleted, with its files; null: not before somebody does that."
    )
    max_attempts: int
    retried_from: UUID | None = Field(description="The job that this one repeats.")
    urls: JobUrls


class TombstoneOut(BaseModel):
    """What is left of a media request that was deleted."""

    id: UUID
    tenant: str
    generator: str
    status: Status = Field(description="How it had ended.")
    created_at: Timestamp
    finished_at: Timestamp | None
    deleted_at: Timestamp
    reason: DeletionReason = Field(description="Somebody asked for it, or its time was over.")
    deleted_by: str | None = Field(description="The key: its name, and its id in brackets.")


class TombstoneList(BaseModel):
    """What is left of media requests that were deleted, newest requests first."""

    items: list[TombstoneOut]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class CollectedOut(BaseModel):
    """What is in the store, by whether anybody refers to it."""

    dry_run: bool = Field(description="Nothing was removed.")
    before: Timestamp = Field(description="Nothing that was stored later was touched.")
    kept_objects: int
    kept_bytes: int
    young_objects: int = Field(description="Nobody refers to them yet, and may still do so.")
    young_bytes: int
    garbage_objects: int = Field(description="Nobody refers to them: they were removed.")
    garbage_bytes: int


class JobList(BaseModel):
    """Media requests, newest first."""

    items: list[JobOut]
    next_cursor: str | None = Field(description="For the next page; null on the last one.")


class BatchIn(BaseModel):
    """Up to 1,000 requests at once."""

    requests: list[RequestSpec] = Field(min_length=1, max_length=1000)


class BatchAnswer(BaseModel):
    """What became of one request of the batch: a job (202) or a problem."""

    status: int
    job: JobOut | None = None
    problem: Problem | None = None


class BatchOut(BaseModel):
    """One answer for each request, in their order."""

    answers: list[BatchAnswer]


class GeneratorOut(BaseModel):
    """A generator that can be asked for."""

    name: str
    version: str
    description: str
    media_types: list[str]
    input_schema: dict[str, Any] = Field(description="JSON Schema 2020-12 of `input`.")
    example: dict[str, Any] = Field(description="An `input` to begin with.")
    paused: bool = Field(description="Its jobs wait until it is resumed.")
    available: bool = Field(
        description="Whether a worker of it was heard of lately; what is asked for meanwhile waits."
    )
    max_cost: float | None = Field(
        description="What one job can cost at a provider, in USD, at most; null: nothing."
    )
    announced_at: Timestamp


class GeneratorList(BaseModel):
    """Every generator, by name."""

    items: list[GeneratorOut]


class ControlOut(BaseModel):
    """What operators want of a generator; it shows as `paused` once the generator has heard."""

    generator: str | None = Field(description="null: all of them.")
    action: Action
    requested_at: Timestamp = Field(description="Of several wishes the latest counts.")
