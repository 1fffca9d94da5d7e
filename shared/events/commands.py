"""What any service may ask for by message: the same as the HTTP calls."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from shared.events.parts import Lane, Message, Part, Webhook

GeneratorName = Annotated[str, StringConstraints(pattern="^[a-z][a-z0-9-]{0,62}$")]


class RequestSpec(Part):
    """What is asked for, at every door: HTTP body and command data are this."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    generator: GeneratorName = Field(description="Name of an announced generator.")
    input: dict[str, Any] = Field(description="Validated against the generator's JSON Schema.")
    metadata: dict[str, Any] = Field(
        default_factory=dict, description="Yours; given back with every event."
    )
    webhook: Webhook | None = Field(default=None, description="Where to send this job's outcome.")
    priority: Lane = Field(default=Lane.INTERACTIVE, description="interactive or batch.")
    deadline_seconds: int | None = Field(
        default=None, ge=1, le=604_800, description="Never start it later than this."
    )
    attempt_timeout_seconds: int | None = Field(
        default=None,
        ge=1,
        le=86_400,
        description="One attempt may last no longer; never more than the generator allows.",
    )
    total_timeout_seconds: int | None = Field(
        default=None, ge=1, le=2_592_000, description="Made or not, it ends within this."
    )
    max_attempts: int | None = Field(
        default=None, ge=1, le=20, description="How often it is tried; 1: never again."
    )
    expires_in: int | None = Field(
        default=None, ge=60, description="Seconds to keep the assets after it is ready."
    )


class RequestMedia(RequestSpec, Message):
    """Please make this. The command's CloudEvents id (or `idempotency_key`) makes it idempotent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type_name: ClassVar[str] = "darkroom.media.request.v1"
    idempotency_key: str | None = Field(default=None, min_length=1, max_length=255)


class CancelMedia(Message):
    """Please stop this."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type_name: ClassVar[str] = "darkroom.media.cancel.v1"
    job_id: UUID


class Action(StrEnum):
    """What operators do with generators."""

    PAUSE = "pause"
    RESUME = "resume"


class ControlGenerators(Message):
    """Please start no more jobs of this generator (of all, when none is named), or go on again.

    What runs goes on. Of several such commands the one with the latest `time` counts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    type_name: ClassVar[str] = "darkroom.media.control.v1"
    action: Action
    generator: GeneratorName | None = Field(default=None, description="null: all of them.")
