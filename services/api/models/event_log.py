"""The event log as it is read: events as they were published, and their places."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

FINAL_TYPES = tuple(
    f"darkroom.media.{word}.v1" for word in ("ready", "failed", "canceled", "expired")
)

REQUESTED_TYPE = "darkroom.media.requested.v1"


class LogPosition(NamedTuple):
    """A place in the log; the next event is behind it."""

    transaction_id: int
    seq: int


BEGINNING = LogPosition(0, 0)


class LogLine(NamedTuple):
    """That there is an event, and about whom."""

    position: LogPosition
    job_id: UUID
    tenant: str
    type: str


class LogWindow(NamedTuple):
    """A stretch of the log: what stands in it that is wanted, and where it ends.

    `full`: there may be more behind it.
    """

    seqs: list[int]
    reached: LogPosition
    full: bool


class LogEntry(NamedTuple):
    """An event as it was published, and its place."""

    position: LogPosition
    job_id: UUID
    tenant: str
    type: str
    time: datetime
    body: str
