"""One attempt: a scratch folder, the generator in its runtime, the assets into the store."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from uuid import UUID

from services.generator.assets.inputs import InputFiles
from services.generator.assets.intake import AssetIntake
from services.generator.models import ClaimedJob
from services.generator.registry import GeneratorRegistry
from services.generator.runtime.task import GenerationTask, Runtime
from services.generator.service.providers import ProviderJobStore
from services.generator.service.scratch import ScratchSpace
from shared.errors import TimedOutError
from shared.events import Asset
from shared.generators import Execution
from shared.generators.context import Report

LARGEST_SEED = 2**32 - 1


class AttemptMaker:
    """Tries once."""

    def __init__(
        self,
        registry: GeneratorRegistry,
        runtimes: Mapping[Execution, Runtime],
        intake: AssetIntake,
        scratch: ScratchSpace,
        *,
        inputs: InputFiles,
        reporter: Callable[[ClaimedJob], Report],
        provider_jobs: ProviderJobStore,
    ) -> None:
        self._registry = registry
        self._runtimes = runtimes
        self._intake = intake
        self._inputs = inputs
        self._scratch = scratch
        self._reporter = reporter
        self._provider_jobs = provider_jobs

    async def make(self, job: ClaimedJob, made: Callable[[], None]) -> tuple[Asset, ...]:
        """The stored assets. Raises whatever went wrong; canceling it stops the generator.

        `made` is called when the generator is done, and only storing is left.

        The generator's own limit is kept by its runtime; here everything counts that an attempt
        consists of, against what the request allows.
        """
        if job.attempt_timeout is None:
            return await self._make(job, made)
        seconds = job.attempt_timeout.total_seconds()
        try:
            async with asyncio.timeout(seconds) as clock:
                return await self._make(job, made)
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise TimedOutError(f"It took longer than the {seconds:g} s of an attempt.") from error

    async def _make(self, job: ClaimedJob, made: Callable[[], None]) -> tuple[Asset, ...]:
        kind = self._registry.get(job.generator)
        with self._scratch.folder() as scratch:
            task = GenerationTask(
                generator=kind,
                job_id=job.id,
                attempt=job.attempt,
                seed=seed_of(job.id, job.input.get("seed")),
                input=job.input,
                scratch=scratch,
                limits=kind.limits,
                provider_jobs=self._provider_jobs.of(job),
                bill=job.bill,
            )
            if named := job.brief.inputs:
                task.inputs = await self._inputs.fetch(named, scratch() / "inputs")
            files = await self._runtimes[kind.execution].generate(task, self._reporter(job))
            made()
            return await self._intake.take_in(
                files,
                scratch=scratch,
                largest=kind.limits.output_bytes,
                origin={"generator": kind.name, "version": kind.version, "seed": task.seed},
            )


def seed_of(job_id: UUID, given: object) -> int:
    """The input's own seed, else one that is the same in every attempt of the job."""
    if isinstance(given, int) and not isinstance(given, bool) and 0 <= given <= LARGEST_SEED:
        return given
    return int.from_bytes(hashlib.sha256(job_id.bytes).digest()[:4], "big")
