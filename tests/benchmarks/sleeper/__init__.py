"""A generator that only waits, as one does that has its media made by somebody else.

A plug-in: `darkroom_sleeper-1.0.0.dist-info` beside this file announces it to whoever has this
folder on its `PYTHONPATH`.
"""

import asyncio
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.generators import AssetFile, Execution, Generator, GeneratorContext


class SleeperInput(BaseModel):
    """How long."""

    model_config = ConfigDict(extra="forbid")
    seconds: float = Field(default=2.0, ge=0, le=60, description="How long.", examples=[2])


class SleeperGenerator(Generator[SleeperInput]):
    """Sleeps in the event loop, then writes a small text."""

    name: ClassVar[str] = "sleeper"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Waits, as for a provider: for benchmarks."
    input_model: ClassVar[type[SleeperInput]] = SleeperInput
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)
    example: ClassVar[dict[str, Any]] = {"seconds": 2}
    execution: ClassVar[Execution] = Execution.LOOP

    async def generate(self, input: SleeperInput, context: GeneratorContext) -> list[AssetFile]:
        """One text."""
        await asyncio.sleep(input.seconds)
        path = context.scratch / "rested.txt"
        path.write_text("rested")
        return [AssetFile(path, filename="rested.txt")]
