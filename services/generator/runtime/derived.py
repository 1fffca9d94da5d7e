"""The event loop's results, looked at in child processes: a worker decodes nothing itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from services.generator.derivation import any_visual, without_thumbnail
from services.generator.derivation.looking import Look
from services.generator.runtime.setback import AttemptFailedError
from services.generator.runtime.task import GenerationTask, Runtime
from shared.errors import DarkroomError
from shared.generators import AssetFile
from shared.generators.context import Report, unreported

AT_ONCE = 2
"""So many results are looked at; there can be hundreds that wait for providers."""

log = structlog.get_logger(__name__)


class DerivedRuntime:
    """`runtime`, and thumbnails and placeholders for what it makes, by `children`.

    A result that cannot be looked at is a result all the same.
    """

    def __init__(self, runtime: Runtime, children: Runtime) -> None:
        self._runtime = runtime
        self._children = children
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        """See `Runtime`."""
        files = await self._runtime.generate(task, report)
        return await self._looked_at(files, task) if any_visual(files) else files

    async def _looked_at(self, files: list[AssetFile], task: GenerationTask) -> list[AssetFile]:
        async with self._turns:
            try:
                seen = await self._children.generate(await _looking(files, task), unreported)
            except (DarkroomError, AttemptFailedError, OSError) as error:
                log.warning("thumbnail.missing", job_id=str(task.job_id), error=repr(error))
                return [without_thumbnail(file, f"was not looked at: {error}") for file in files]
        return [*map(_joined, files, seen), *seen[len(files) :]]


async def _looking(files: Sequence[AssetFile], task: GenerationTask) -> GenerationTask:
    folder = task.scratch() / "looking"
    described = await asyncio.to_thread(_on_disk, files, folder)
    return GenerationTask(
        generator=Look,
        job_id=task.job_id,
        attempt=task.attempt,
        seed=task.seed,
        input={"files": described},
        scratch=task.scratch,
        limits=Look.limits,
    )


def _on_disk(files: Sequence[AssetFile], folder: Path) -> list[dict[str, Any]]:
    folder.mkdir()
    described: list[dict[str, Any]] = []
    for number, file in enumerate(files):
        path = file.path
        if file.content is not None:
            path = folder / f"{number}{path.suffix}"
            path.write_bytes(file.content)
        described.append({"path": str(path), "role": file.role.value})
    return described


def _joined(file: AssetFile, seen: AssetFile) -> AssetFile:
    """What is known of it in both places."""
    provenance = {**file.provenance, **seen.provenance}
    return replace(file, placeholder=seen.placeholder or file.placeholder, provenance=provenance)
