"""One attempt, as a runtime sees it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from shared.generators import (
    AssetFile,
    Bill,
    Generator,
    InMemoryProviderJobs,
    InputFile,
    Limits,
    ProviderJobs,
)
from shared.generators.context import Report


@dataclass(slots=True)
class GenerationTask:
    """What to make, with what; `input` is not validated yet. `scratch` answers the folder."""

    generator: type[Generator[Any]]
    job_id: UUID
    attempt: int
    seed: int
    input: dict[str, Any]
    scratch: Callable[[], Path]
    limits: Limits
    provider_jobs: ProviderJobs = field(default_factory=InMemoryProviderJobs)
    bill: Bill = field(default_factory=Bill)
    inputs: Mapping[str, InputFile] | None = None


class Runtime(Protocol):
    """Makes one attempt at a time, as often at once as it is called.

    Raises a `DarkroomError` whose class says whether another attempt makes sense; an
    `asyncio.CancelledError` from outside stops the work before it is passed on.
    """

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]: ...
