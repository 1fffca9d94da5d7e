"""A generator that orders from a provider, and the provider: it counts what it is asked for.

Installed for a test as plug-ins are: by the entry point of a distribution on the import path.
"""

import asyncio
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel, ConfigDict

from shared.errors import RetryableError, UnknownOutcomeError
from shared.generators import AssetFile, Execution, Generator, GeneratorContext, ProviderJob

NAME = "ordering"
PRICE = 0.25


class FakeProvider:
    """Takes orders, finishes those that it is told to, and hears that some are not wanted."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.waited_for: list[str] = []
        self.canceled: list[str | None] = []
        self.finished = asyncio.Event()
        self.answers = asyncio.Event()
        self.answers.set()
        self.refusals = 0
        self.charges: float | None = None
        """What an order costs that was canceled."""
        self.loses_answers = 0

    async def order(self) -> str:
        self.orders.append(f"order-{len(self.orders) + 1}")
        if self.loses_answers > 0:
            self.loses_answers -= 1
            raise UnknownOutcomeError("The connection was cut before the provider's answer.")
        return self.orders[-1]

    async def wait_for(self, provider_id: str) -> bytes:
        self.waited_for.append(provider_id)
        await self.finished.wait()
        return f"made by {provider_id}".encode()

    async def cancel(self, provider_id: str | None) -> float | None:
        self.canceled.append(provider_id)
        await self.answers.wait()
        if self.refusals > 0:
            self.refusals -= 1
            raise RetryableError("The provider does not answer.")
        return self.charges


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OrderingGenerator(Generator[Input]):
    """Orders once, whoever waits for it."""

    name: ClassVar[str] = NAME
    version: ClassVar[str] = "1"
    description: ClassVar[str] = "For tests of work at providers."
    input_model: ClassVar[type[Input]] = Input
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)
    example: ClassVar[dict[str, Any]] = {}
    execution: ClassVar[Execution] = Execution.LOOP
    provider: ClassVar[FakeProvider]

    @classmethod
    def max_cost(cls) -> float:
        return 2 * PRICE

    async def generate(self, input: Input, context: GeneratorContext) -> list[AssetFile]:
        known = await context.provider_jobs.find()
        if known is None or known.id is None:
            await context.provider_jobs.intend("fake")
            known = await context.provider_jobs.submitted(await self.provider.order())
        assert known.id is not None
        path = context.scratch / "made.txt"
        path.write_bytes(await self.provider.wait_for(known.id))
        context.bill.charge("fake", PRICE)
        return [AssetFile(path)]

    async def cancel(self, input: Input, provider_job: ProviderJob) -> float | None:
        return await self.provider.cancel(provider_job.id)


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeProvider:
    """Make the generator a plug-in that is found; answers its provider."""
    about = folder / "ordering-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: ordering\nVersion: 1\n")
    kind = f"{OrderingGenerator.__module__}:{OrderingGenerator.__qualname__}"
    (about / "entry_points.txt").write_text(f"[darkroom.generators]\n{NAME} = {kind}\n")
    monkeypatch.syspath_prepend(folder)
    provider = FakeProvider()
    monkeypatch.setattr(OrderingGenerator, "provider", provider, raising=False)
    return provider
