"""The shapes of what is asked and answered about dead letters, as OpenAPI documents them."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from shared.events.parts import WITHOUT_NUL, Timestamp
from shared.problem import Problem

MOST_AT_ONCE = 1000
Name = Annotated[str, Field(max_length=255, pattern=WITHOUT_NUL)]
"""A text that the database can hold."""


class DeadLetterSummary(BaseModel):
    """A message that could not be handled."""

    id: UUID
    received_at: Timestamp
    queue: str = Field(description="The queue that it could not leave.")
    error_class: str
    error_code: str
    error_message: str
    message_id: str
    type: str
    exchange: str
    routing_key: str
    content_type: str
    correlation_id: str
    reply_to: str = Field(description="Where its sender waits for an answer; empty: nowhere.")
    sender: str = Field(
        description="The broker's user who sent it, as far as RabbitMQ vouches for one."
    )
    size: int = Field(description="Bytes of its body.")
    replayed_at: Timestamp | None = Field(description="When it was last sent to its queue again.")
    replays: int = Field(description="How often it was.")


class DeadLetterOut(DeadLetterSummary):
    """The same, with everything that is known of it."""

    stack: str
    headers: dict[str, Any]
    body: str | None = Field(description="As text, where it is UTF-8.")
    body_base64: str


class DeadLetterList(BaseModel):
    """Dead letters, newest first."""

    items: list[DeadLetterSummary]
    next_cursor: str | None


class DeadLetterGroupOut(BaseModel):
    """Dead letters of one queue with one reason."""

    queue: str
    error_class: str
    error_code: str
    count: int
    first_received_at: Timestamp
    last_received_at: Timestamp


class DeadLetterGroups(BaseModel):
    """Every kind of dead letter, the most frequent first."""

    items: list[DeadLetterGroupOut]


class ReplayIn(BaseModel):
    """Which dead letters to replay: those that fit every field. `all` where no field is given."""

    model_config = ConfigDict(extra="forbid")

    queue: Name | None = None
    error_class: Name | None = None
    error_code: Name | None = None
    type: Name | None = None
    received_before: AwareDatetime | None = None
    all: bool = Field(False, description="Whichever they are.")
    limit: int = Field(MOST_AT_ONCE, ge=1, le=MOST_AT_ONCE, description="The oldest so many.")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not (self.all or self._filters()):
            raise ValueError("say which (queue, error_class, error_code, …), or `all`: true")
        return self

    def _filters(self) -> bool:
        narrow = (self.queue, self.error_class, self.error_code, self.type, self.received_before)
        return any(value is not None for value in narrow)


class PurgeIn(ReplayIn):
    """Which dead letters to throw away; like `ReplayIn`."""

    replayed: bool = Field(False, description="Those that were replayed, not those that wait.")

    def _filters(self) -> bool:
        return self.replayed or super()._filters()


class ReplayFailure(BaseModel):
    """A letter that was not replayed, and why."""

    id: UUID
    problem: Problem


class ReplayOut(BaseModel):
    """What became of them."""

    replayed: int
    failed: list[ReplayFailure]
    remaining: int = Field(description="Such letters that are still to be replayed.")


class PurgeOut(BaseModel):
    """How many were thrown away."""

    purged: int
    remaining: int = Field(description="Such letters that are still there.")
