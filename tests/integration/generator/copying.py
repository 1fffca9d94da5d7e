"""Generators that hand back a file that their input names, in a child and in the loop."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from shared.generators import AssetFile, AssetId, Execution, Generator, GeneratorContext


class CopyInput(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: AssetId


class CopyGenerator(Generator[CopyInput]):
    """Copies it, and says in its provenance what it was told of it."""

    name: ClassVar[str] = "copy"
    version: ClassVar[str] = "1"
    description: ClassVar[str] = "For tests of input assets."
    input_model: ClassVar[type[CopyInput]] = CopyInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
    example: ClassVar[dict[str, Any]] = {"source": "00000000-0000-0000-0000-000000000000"}

    async def generate(self, input: CopyInput, context: GeneratorContext) -> list[AssetFile]:
        source = context.input_file(input.source)
        path = context.scratch / "copy.png"
        path.write_bytes(source.path.read_bytes())
        told = {"sha256": source.sha256, "width": source.width, "type": source.media_type}
        where = source.path.parent.relative_to(context.scratch)
        return [AssetFile(path, provenance={**told, "in": str(where)})]


class CopyInLoopGenerator(CopyGenerator):
    """The same, where it only waits."""

    name: ClassVar[str] = "copy-in-loop"
    execution: ClassVar[Execution] = Execution.LOOP
