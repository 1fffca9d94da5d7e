"""The pieces that events are made of."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

import orjson
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
)

WITHOUT_NUL = r"^[^\x00]*$"
"""The pattern of text that Postgres can keep."""


def rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: `2026-11-22T19:49:26.123456Z`."""
    if moment.tzinfo is UTC and moment.microsecond:  # a fifth of the cost
        return orjson.dumps(moment, option=orjson.OPT_UTC_Z)[1:-1].decode()
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


Timestamp = Annotated[
    AwareDatetime,
    AfterValidator(lambda moment: moment.astimezone(UTC)),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]
"""A moment in UTC, RFC 3339 on the wire."""

Model = TypeVar("Model", bound=BaseModel)


def built(model: type[Model], values: dict[str, Any]) -> Model:
    """A model of values that are known to be valid: all of its fields, in their order.

    A tenth of what validating them again costs, and a third of `model_construct`.
    """
    made = model.__new__(model)
    put = object.__setattr__
    put(made, "__dict__", values)
    put(made, "__pydantic_fields_set__", set(values))
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made


FINAL_VERSION = 1_000_000_000
"""The version of a final event: nothing comes after it."""


def version_of(attempt: int, stage: int) -> int:
    """The place of an event in the life of its job: attempts in turn, stages 0-9 within each."""
    return attempt * 10 + stage


class Part(BaseModel):
    """A value inside an event; unknown fields are ignored, so that additions break nobody."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Lane(StrEnum):
    """Somebody waits for it, or nobody does."""

    INTERACTIVE = "interactive"
    BATCH = "batch"


class Deadline(StrEnum):
    """What was to have happened by then."""

    START = "start"  # its first attempt has begun
    TOTAL = "total"  # it has come to its end


class Outcome(StrEnum):
    """How an attempt ended; `running` while it has not."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELED = "canceled"
    LOST = "lost"


class Resolution(StrEnum):
    """What is to become of a job of which nobody knows whether a provider has taken it."""

    ATTACH = "attach"  # the provider has it, under this id: wait for that
    RESUBMIT = "resubmit"  # it never arrived there: order it again
    FAIL = "fail"  # give it up


class DeletionReason(StrEnum):
    """Why a job and its files are not kept any longer."""

    REQUESTED = "requested"  # somebody asked for it
    EXPIRED = "expired"  # its time was over


class Webhook(Part):
    """Where this one job's outcome is to be sent, and which events (none: all final ones)."""

    url: str = Field(max_length=2048, description="http or https address.")
    events: tuple[str, ...] | None = Field(default=None, description="Event types wanted.")


class Failure(Part):
    """Why something failed, for a program (`code`) and for a person (`message`)."""

    code: str = Field(description="Stable, snake case: invalid_input, timed_out, worker_lost, …")
    message: str = Field(description="A sentence that a person understands.")
    retryable: bool = Field(
        default=False, description="Whether the same request may succeed later."
    )


class Attempt(Part):
    """One try of a worker."""

    number: int = Field(ge=1)
    worker: str = Field(description="Which process ran it: host:pid:start.")
    backend: str = Field(default="local", description="Where it ran: local, or a provider's name.")
    started_at: Timestamp
    ended_at: Timestamp | None = None
    outcome: Outcome = Outcome.RUNNING
    failure: Failure | None = None
    cost: float | None = Field(default=None, description="What the provider charged, in USD.")


class Asset(Part):
    """One file that came out, stored under its content hash."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media_type: str = Field(description="Sniffed from the bytes, not assumed.")
    size: int = Field(ge=0, description="Bytes.")
    role: str = "primary"
    filename: str | None = None
    width: int | None = Field(default=None, description="Pixels.")
    height: int | None = Field(default=None, description="Pixels.")
    duration: float | None = Field(default=None, description="Seconds.")
    placeholder: str | None = Field(
        default=None, description="ThumbHash of the picture in base64: what to show before it."
    )
    provenance: dict[str, Any] = Field(default_factory=dict)


class InputAsset(Part):
    """A file that an input names by its asset id: what it is, and under which hash it is stored."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media_type: str = Field(description="Sniffed from the bytes, not assumed.")
    size: int = Field(ge=0, description="Bytes.")
    width: int | None = Field(default=None, description="Pixels.")
    height: int | None = Field(default=None, description="Pixels.")
    duration: float | None = Field(default=None, description="Seconds.")
    filename: str | None = None


class Message(BaseModel):
    """The `data` of an event or command. `type_name` is the CloudEvents type."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    type_name: ClassVar[str]

    @property
    def version(self) -> int:
        """The place of this event in the life of its job; the read model keeps the highest."""
        return 0


class JobMessage(Message):
    """An event about one job."""

    job_id: UUID
    generator: str

    @property
    def number(self) -> int:
        """The attempt it speaks of; 0 when it speaks of none. Part of the event's id."""
        return 0
