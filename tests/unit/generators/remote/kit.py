"""What tests of remote generators need: settings, a job, notes of what happens to its order."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from pydantic import BaseModel

from services.generator.generators.remote import RemoteGenerator, doubt, downloads
from services.generator.generators.replicate import searching
from shared.clock import uuid7
from shared.generators import (
    AssetFile,
    Bill,
    GeneratorContext,
    InMemoryProviderJobs,
    InputFile,
    ProviderJob,
)

QUICK: dict[str, Any] = {"poll_seconds": 0.01, "breaker_seconds": 60, "allow_private": True}

GeneratorT = TypeVar("GeneratorT", bound=RemoteGenerator[Any, Any])


def configured(
    monkeypatch: pytest.MonkeyPatch,
    kind: type[GeneratorT],
    *backends: dict[str, Any],
    max_cost: float | None = None,
) -> GeneratorT:
    """A generator with these backends; pauses that only politeness asks for are short."""
    told = [{**QUICK, **backend} for backend in backends]
    monkeypatch.setenv(kind.settings.variable("backends"), json.dumps(told))
    if max_cost is not None:
        monkeypatch.setenv(kind.settings.variable("max_cost"), str(max_cost))
    monkeypatch.setattr(doubt, "PAUSE", timedelta(seconds=0.01))
    monkeypatch.setattr(searching, "LAG", timedelta(seconds=0.01))
    monkeypatch.setattr(downloads, "PAUSE", timedelta(seconds=0.01))
    assert kind.unavailable() is None
    return kind()


class Notes(InMemoryProviderJobs):
    """Provider jobs that outlive an attempt, and tell what was noted, in order."""

    def __init__(self, known: ProviderJob | None = None) -> None:
        super().__init__(known)
        self.said: list[str] = []
        self.ordered = asyncio.Event()

    async def intend(self, provider: str) -> ProviderJob:
        self.said.append(f"intend {provider}")
        return await super().intend(provider)

    async def submitted(self, provider_id: str) -> ProviderJob:
        self.said.append(f"submitted {provider_id}")
        self.ordered.set()
        return await super().submitted(provider_id)

    async def forget(self) -> None:
        self.said.append("forget")
        await super().forget()


class Job:
    """One job of ours, which may take several attempts."""

    def __init__(
        self,
        generator: RemoteGenerator[Any, Any],
        folder: Path,
        input: dict[str, Any],
        *,
        known: ProviderJob | None = None,
        job_id: UUID | None = None,
        seed: int = 7,
        inputs: dict[str, InputFile] | None = None,
    ) -> None:
        self.generator = generator
        self.input: BaseModel = generator.input_model.model_validate(input)
        self.notes = Notes(known)
        self.bill = Bill()
        self.progress: list[tuple[float | None, str | None]] = []
        self.id = job_id or uuid7()
        self._folder = folder
        self._seed = seed
        self._inputs = inputs or {}
        self._attempts = 0

    async def attempt(self) -> list[AssetFile]:
        """Try once, as a worker does."""
        self._attempts += 1
        scratch = self._folder / f"{self.id}-{self._attempts}"
        scratch.mkdir()
        context = GeneratorContext(
            self.id,
            self._seed,
            scratch,
            self._attempts,
            self._report,
            provider_jobs=self.notes,
            bill=self.bill,
            inputs=self._inputs,
        )
        return await self.generator.generate(self.input, context)

    async def _report(self, percent: float | None, message: str | None) -> None:
        self.progress.append((percent, message))


def an_input_file(path: Path, content: bytes) -> InputFile:
    """A picture that somebody uploaded."""
    path.write_bytes(content)
    return InputFile(path, "image/png", "0" * 64, len(content))
