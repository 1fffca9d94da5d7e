"""Dead letters as a client sees them; dead_letters.py has the calls."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.client.models import Answer


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
    correlation_id: str = ""
    reply_to: str = ""
    sender: str = ""
    type: str = ""
    exchange: str = ""
    routing_key: str = ""
    content_type: str = ""
    headers: dict[str, Any] = Field(default_factory=dict)
    size: int = 0
    body: str | None = None
    body_base64: str = ""
    replayed_at: datetime | None = None
    replays: int = 0


class DeadLetterGroup(Answer):
    """Dead letters of one queue that have the same reason."""

    queue: str
    error_class: str = ""
    error_code: str = ""
    count: int
    first_received_at: datetime
    last_received_at: datetime


class DeadLetterFilter(BaseModel):
    """Which dead letters are meant; those that were replayed already only when it says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    queue: str | None = None
    error_class: str | None = None
    error_code: str | None = None
    type: str | None = None
    replayed: bool | None = None

    def members(self) -> dict[str, Any]:
        """What was chosen, by the API's names."""
        return self.model_dump(mode="json", exclude_none=True)

    @property
    def is_empty(self) -> bool:
        """Whether it leaves nothing out."""
        return self == type(self)()

    def of_group(self, group: DeadLetterGroup) -> Self:
        """Only those of that group."""
        kind = {"queue": group.queue, "error_class": group.error_class}
        return self.model_copy(update={**kind, "error_code": group.error_code})


class NotReplayed(Answer):
    """A letter that stayed where it was, and why."""

    id: UUID
    problem: Any = None

    @property
    def reason(self) -> str:
        """For a person."""
        if isinstance(self.problem, dict):
            return str(self.problem.get("detail") or self.problem.get("title") or self.problem)
        return str(self.problem or "unknown")


class Replay(Answer):
    """What became of a replay: how many went back to their queues, and what is left to replay."""

    replayed: int
    failed: tuple[NotReplayed, ...] = ()
    remaining: int = 0


class Purge(Answer):
    """How many were removed for good, and how many that fit are left."""

    purged: int
    remaining: int = 0
