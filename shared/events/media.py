"""What happens to a media request, in the past tense (DESIGN: Vocabulary).

`media.requested` and the wishes come from the api, the course of the work from the generator, the
final word from the notifier.
"""

from typing import Any, ClassVar
from uuid import UUID

from pydantic import Field

from shared.events.parts import (
    FINAL_VERSION,
    Asset,
    Attempt,
    Deadline,
    DeletionReason,
    Failure,
    InputAsset,
    JobMessage,
    Lane,
    Message,
    Resolution,
    Timestamp,
    Webhook,
    version_of,
)


class MediaRequested(JobMessage):
    """Accepted, durable, to be made."""

    type_name: ClassVar[str] = "darkroom.media.requested.v1"
    input: dict[str, Any]
    lane: Lane = Lane.INTERACTIVE
    metadata: dict[str, Any] = Field(default_factory=dict)
    webhook: Webhook | None = None
    requested_at: Timestamp
    deadline_at: Timestamp | None = Field(default=None, description="Never start it after this.")
    finish_by: Timestamp | None = Field(default=None, description="Stop it after this.")
    attempt_timeout_seconds: int | None = Field(
        default=None, ge=1, description="No attempt may last longer."
    )
    max_attempts: int = Field(default=5, ge=1, le=100)
    retried_from: UUID | None = Field(default=None, description="The job that it repeats.")
    inputs: dict[str, InputAsset] | None = Field(
        default=None, description="The files that the input names, by asset id."
    )


class Passed(JobMessage):
    """An event that hands on what its listeners need of the request."""

    metadata: dict[str, Any] = Field(default_factory=dict)
    webhook: Webhook | None = None


class AttemptMessage(Passed):
    """An event about one attempt."""

    stage: ClassVar[int]
    attempt: Attempt

    @property
    def number(self) -> int:
        return self.attempt.number

    @property
    def version(self) -> int:
        return version_of(self.attempt.number, self.stage)


class MediaStarted(AttemptMessage):
    """An attempt has begun (announced when it has lasted 200 ms)."""

    type_name: ClassVar[str] = "darkroom.media.started.v1"
    stage = 1


class MediaRetrying(AttemptMessage):
    """An attempt failed and another will follow at `next_attempt_at`."""

    type_name: ClassVar[str] = "darkroom.media.retrying.v1"
    stage = 2
    failure: Failure
    next_attempt_at: Timestamp


class MediaGenerated(AttemptMessage):
    """The assets are stored and recorded."""

    type_name: ClassVar[str] = "darkroom.media.generated.v1"
    stage = 3
    assets: tuple[Asset, ...]


class MediaNeedsReconciliation(AttemptMessage):
    """It may have been ordered and paid for: it waits until somebody has looked and decided."""

    type_name: ClassVar[str] = "darkroom.media.needs_reconciliation.v1"
    stage = 6
    failure: Failure = Field(description="What is known.")
    provider: str = Field(description="Who was asked for it.")
    provider_job_id: str | None = Field(
        default=None, description="What the provider calls it; null: it has not said."
    )
    since: Timestamp = Field(description="Since when nobody works on it.")


class MediaCostSettled(AttemptMessage):
    """An order was called off after its job had ended, and has cost something all the same."""

    type_name: ClassVar[str] = "darkroom.media.cost_settled.v1"
    stage = 0

    @property
    def version(self) -> int:
        """The job stays as it ended: only what the attempt has cost is known now."""
        return 0


class MediaGenerationFailed(Passed):
    """It failed, and no further attempt will be made."""

    type_name: ClassVar[str] = "darkroom.media.generation_failed.v1"
    attempt: Attempt | None = None
    failure: Failure

    @property
    def number(self) -> int:
        return self.attempt.number if self.attempt else 0

    @property
    def version(self) -> int:
        return version_of(self.number, 4)


class MediaGenerationCanceled(Passed):
    """It was stopped, or never started; no further attempt will be made."""

    type_name: ClassVar[str] = "darkroom.media.generation_canceled.v1"
    attempt: Attempt | None = None
    reason: str = Field(default="canceled", description="canceled or deadline_passed.")
    deadline: Deadline | None = Field(default=None, description="The one that has passed.")

    @property
    def number(self) -> int:
        return self.attempt.number if self.attempt else 0

    @property
    def version(self) -> int:
        return version_of(self.number, 5)


class MediaProgressed(JobMessage):
    """How far an attempt is. Transient: may be lost, at most 4 a second a job."""

    type_name: ClassVar[str] = "darkroom.media.progressed.v1"
    attempt: int = Field(ge=1)
    percent: float | None = Field(default=None, ge=0, le=100, description="null: indeterminate.")
    message: str | None = None
    preview: str | None = Field(default=None, description="A small picture as data: URL.")

    @property
    def number(self) -> int:
        return self.attempt


class MediaCancelRequested(Passed):
    """Somebody wants it stopped."""

    type_name: ClassVar[str] = "darkroom.media.cancel_requested.v1"
    requested_at: Timestamp


class MediaReconciled(Passed):
    """Somebody has looked, and decided what becomes of a job that needed it."""

    type_name: ClassVar[str] = "darkroom.media.reconciled.v1"
    attempt: int = Field(ge=1, description="The attempt that nobody knows the outcome of.")
    resolution: Resolution
    provider_job_id: str | None = Field(
        default=None, description="With `attach`: what the provider calls it."
    )
    reason: str | None = Field(default=None, description="With `fail`: why, for people.")
    reconciled_at: Timestamp

    @property
    def number(self) -> int:
        return self.attempt


class MediaDeadlinePassed(Passed):
    """It had to start or to end by now and has not, as far as the api knows."""

    type_name: ClassVar[str] = "darkroom.media.deadline_passed.v1"
    deadline_at: Timestamp
    deadline: Deadline = Deadline.START

    @property
    def number(self) -> int:
        """A job can miss both of its deadlines: that makes two events."""
        return int(self.deadline is Deadline.TOTAL)


class MediaDeadlineMet(Passed):
    """The generator's answer to a deadline to start: an attempt had begun, so it goes on."""

    type_name: ClassVar[str] = "darkroom.media.deadline_met.v1"


class FinalMessage(Passed):
    """The last word about a job, said once, for everyone."""

    finished_at: Timestamp

    @property
    def version(self) -> int:
        return FINAL_VERSION


class MediaReady(FinalMessage):
    """The media exists."""

    type_name: ClassVar[str] = "darkroom.media.ready.v1"
    assets: tuple[Asset, ...]
    attempt: Attempt | None = None


class MediaFailed(FinalMessage):
    """The media will not be."""

    type_name: ClassVar[str] = "darkroom.media.failed.v1"
    failure: Failure
    attempt: Attempt | None = None


class MediaCanceled(FinalMessage):
    """The media is no longer wanted."""

    type_name: ClassVar[str] = "darkroom.media.canceled.v1"
    reason: str = "canceled"
    attempt: Attempt | None = None


class MediaExpired(FinalMessage):
    """The media was not made in time."""

    type_name: ClassVar[str] = "darkroom.media.expired.v1"
    deadline_at: Timestamp | None = None
    deadline: Deadline = Deadline.START
    attempt: Attempt | None = None


class MediaDeleted(JobMessage):
    """Its request and its files are not kept any longer: forget what you have of them."""

    type_name: ClassVar[str] = "darkroom.media.deleted.v1"
    reason: DeletionReason
    deleted_at: Timestamp


class MediaRejected(Message):
    """A command could not be accepted; `problem` is an RFC 9457 problem."""

    type_name: ClassVar[str] = "darkroom.media.rejected.v1"
    command_id: str
    command_type: str
    generator: str | None = None
    job_id: UUID | None = None
    problem: dict[str, Any]
    retry_after_seconds: int | None = Field(
        default=None, ge=0, description="Where waiting helps: how long. The same command may come."
    )


class MediaAccepted(Message):
    """A command has been carried out: the answer to whoever sent it with `reply_to`."""

    type_name: ClassVar[str] = "darkroom.media.accepted.v1"
    command_id: str
    command_type: str
    generator: str
    job_id: UUID
    job: dict[str, Any] = Field(
        description="The job as `GET /v1/media/{id}` answers it (OpenAPI: JobOut)."
    )
