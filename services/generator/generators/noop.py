"""The generator that makes next to nothing, for tests and benchmarks of everything around it."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.generators import AssetFile, Execution, Generator, GeneratorContext


class NoopInput(BaseModel):
    """What to write."""

    model_config = ConfigDict(extra="forbid")
    payload: str = Field(
        default="ok", min_length=1, max_length=10_000, description="The text.", examples=["ok"]
    )
    size: int | None = Field(
        default=None,
        ge=1,
        le=1_048_576,
        description="Bytes of text; the payload is repeated.",
        examples=[1000],
    )


class NoopGenerator(Generator[NoopInput]):
    """Hands back a text: no child process, no work, no file."""

    name: ClassVar[str] = "noop"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Writes a small text at once: for tests and benchmarks."
    input_model: ClassVar[type[NoopInput]] = NoopInput
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)
    example: ClassVar[dict[str, Any]] = {"payload": "ok"}
    execution: ClassVar[Execution] = Execution.LOOP

    async def generate(
        self,
        input: NoopInput,
        context: GeneratorContext,  # noqa: ARG002 - it needs nothing of it
    ) -> list[AssetFile]:
        """One text of `size` bytes, or just the payload."""
        text = input.payload.encode()
        if input.size is not None:
            text = (text * (input.size // len(text) + 1))[: input.size]
        return [AssetFile.of_bytes(text, "ok.txt")]
