"""The generator contract.

A generator is described by class attributes, so that it can be announced without being built.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from shared.generators.asset import AssetFile
from shared.generators.context import GeneratorContext
from shared.generators.providers import ProviderJob

InputT = TypeVar("InputT", bound=BaseModel)


class Execution(StrEnum):
    """Where `generate` runs."""

    CHILD = "child"  # a child process with limits and no network: anything that computes
    LOOP = "loop"  # the worker's event loop: anything that only waits for somebody else


@dataclass(frozen=True, slots=True)
class Limits:
    """What one attempt may use; past it, the attempt fails (memory and CPU by a signal).

    `memory_bytes` limits the address space, which models and decoders reserve far more of than
    they touch. `resident_bytes` is what an attempt really keeps in memory at its most: a process
    begins only as many at once as fit into what it may use (`Execution.CHILD` only).

    A child whose attempt is canceled is killed, unless `stops_within` gives its generator the time
    to stop by itself (it sees `asyncio.CancelledError`): for those whose next start would be dear.
    """

    wall_clock: timedelta = timedelta(seconds=60)
    memory_bytes: int = 2 * 1024**3
    output_bytes: int = 256 * 1024**2
    resident_bytes: int = 256 * 1024**2
    stops_within: timedelta = timedelta(0)


class Generator(ABC, Generic[InputT]):
    """Makes media of one kind.

    Subclasses set `name` (lower case, letters, digits, dashes), `version` (changes when the bytes
    for the same input change), `description`, `input_model` (pydantic, `extra="forbid"`, bounds
    and descriptions on every field), `media_types` it can answer with, and an `example` input.
    Raise `shared.errors.RetryableError` or `PermanentError`; any other exception is permanent.

    A worker imports the module to announce the generator, and makes nothing with it: import what is
    heavy, or may be missing, inside `generate` and `unavailable`.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    description: ClassVar[str]
    input_model: ClassVar[type[BaseModel]]
    media_types: ClassVar[tuple[str, ...]]
    example: ClassVar[dict[str, Any]]
    execution: ClassVar[Execution] = Execution.CHILD
    limits: ClassVar[Limits] = Limits()
    environment: ClassVar[tuple[str, ...]] = ()
    """Variables of the environment that its child is given; no others that begin with DARKROOM."""

    @classmethod
    def unavailable(cls) -> str | None:
        """What this machine lacks for it, and how to get it; None: it can run here.

        A generator that cannot run is not announced; `darkroom doctor` says why. See `needs`.
        """
        return None

    @classmethod
    def max_cost(cls) -> float | None:
        """What one job can cost at a provider, in USD, at most; None: nothing.

        So much of a tenant's budget is reserved while a job is under way.
        """
        return None

    @abstractmethod
    async def generate(self, input: InputT, context: GeneratorContext) -> list[AssetFile]:
        """Make the files, in `context.scratch`; the first with the role `primary` is the answer."""

    async def cancel(self, input: InputT, provider_job: ProviderJob) -> float | None:
        """Tell the provider that nobody waits for its work any more; by default, nobody is told.

        Answers what the order has cost all the same, in USD, where the provider says so.

        Called (`Execution.LOOP` only) after a job has ended unfinished whose attempts have noted
        an order in `context.provider_jobs`; by any worker, also one that never ran the job. It has
        30 seconds. What it raises is recorded, and it is tried a few times more. The end of the job
        does not wait for it, so it must do no harm when the work is done, or was canceled before.
        """
