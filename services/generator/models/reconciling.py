"""What somebody has decided about jobs of which nobody knew what a provider makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.generator.models.stops import StoppedJob
from shared.events import Resolution


@dataclass(frozen=True, slots=True)
class Decision:
    """About a job as it was after `attempt`; `provider_id` with `ATTACH`, `reason` with `FAIL`."""

    job_id: UUID
    attempt: int
    resolution: Resolution
    provider_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What decisions led to: jobs that wait for a worker again, and jobs that were given up."""

    resumed: Sequence[UUID] = ()
    given_up: Sequence[StoppedJob] = ()
