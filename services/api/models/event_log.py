"""The event log as it is read: events as they were published, and their places."""

from typing import NamedTuple
from uuid import UUID

FINAL_TYPES = tuple(
    f"darkroom.media.{word}.v1" for word in ("ready", "failed", "canceled", "expired")
)


class LogPosition(NamedTuple):
    """A place in the log; the next event is behind it."""

    transaction_id: int
    seq: int


BEGINNING = LogPosition(0, 0)


class LogEntry(NamedTuple):
    """An event as it was published, and its place."""

    position: LogPosition
    job_id: UUID
    tenant: str
    type: str
    body: str
