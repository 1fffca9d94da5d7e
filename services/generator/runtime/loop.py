"""Generators that only wait for somebody else run here, in the worker's own event loop."""

import asyncio
from typing import Any

from services.generator.runtime.stepping import Started
from services.generator.runtime.task import GenerationTask
from shared.errors import TimedOutError
from shared.generators import AssetFile, Generator, GeneratorContext, ProviderJob
from shared.generators.context import Report


class LoopRuntime:
    """Keeps one instance of each generator, with its connections."""

    def __init__(self) -> None:
        self._instances: dict[type[Generator[Any]], Generator[Any]] = {}

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        """See `Runtime`. Past its wall-clock limit the attempt is canceled."""
        given = task.generator.input_model.model_validate(task.input)
        context = GeneratorContext(
            task.job_id,
            task.seed,
            task.scratch,
            task.attempt,
            report,
            inputs=task.inputs,
            provider_jobs=task.provider_jobs,
            bill=task.bill,
        )
        run = Started(self._instance(task.generator).generate(given, context))
        if run.done:
            return run.answer
        limit = task.limits.wall_clock.total_seconds()
        try:
            async with asyncio.timeout(limit) as clock:
                return await run
        except TimeoutError as error:
            if clock.expired():
                raise TimedOutError(f"It took longer than {limit:g} s.") from error
            raise

    async def cancel(
        self, kind: type[Generator[Any]], input: dict[str, Any], provider_job: ProviderJob
    ) -> float | None:
        """Have the generator tell its provider that nobody waits any more; what it has cost."""
        given = kind.input_model.model_validate(input)
        return await self._instance(kind).cancel(given, provider_job)

    def _instance(self, kind: type[Generator[Any]]) -> Generator[Any]:
        if kind not in self._instances:
            self._instances[kind] = kind()
        return self._instances[kind]
