"""How a job came to its end: what a final event says, and what is left to do once it is stored."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.api.models.job import Json, Status


class Ending(NamedTuple):
    """What a final event makes of a job that has not ended, whatever else is known of the job.

    `time` is when it was said, `attempt` the last one, where there was any.
    """

    job_id: UUID
    status: Status
    version: int
    time: datetime
    finished_at: datetime
    assets: tuple[Json, ...]
    failure: Json | None
    attempt: Json | None
    started_at: datetime | None

    @property
    def attempt_number(self) -> int | None:
        """Which attempt it was that has ended; None where there was none, or it has not."""
        ended = self.attempt is not None and self.attempt.get("ended_at")
        return self.attempt["number"] if self.attempt and ended else None


class Ended(NamedTuple):
    """A job whose end is stored."""

    id: UUID
    generator: str
    status: Status
    created_at: datetime
    finished_at: datetime
