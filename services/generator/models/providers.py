"""Work at providers that nobody waits for any more."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from shared.generators import ProviderJob


@dataclass(frozen=True, slots=True)
class AbandonedWork:
    """What a provider may still be making for a job that has ended; `tries`: this one included."""

    job_id: UUID
    generator: str
    input: dict[str, Any]
    provider_job: ProviderJob
    tries: int
