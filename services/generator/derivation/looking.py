"""A generator that makes nothing: what others made in the event loop is looked at in its child.

It is not installed and nobody can ask for it: the worker hands it the files of a result, it hands
them back, and on their way back the child derives what it derives of every result.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from shared.generators import AssetFile, Generator, GeneratorContext, Limits, Role


class MadeFile(BaseModel):
    """A file on the worker's disk."""

    path: Path
    role: Role


class MadeFiles(BaseModel):
    """A result."""

    files: list[MadeFile]


class Look(Generator[MadeFiles]):
    """Hands back what it is given."""

    name: ClassVar[str] = "look"
    version: ClassVar[str] = "1.0.0"
    description: ClassVar[str] = "Looks at results."
    input_model: ClassVar[type[MadeFiles]] = MadeFiles
    media_types: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[dict[str, Any]] = {"files": []}
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(seconds=20),
        memory_bytes=3 * 1024**3,
        output_bytes=8 * 1024**2,
        resident_bytes=512 * 1024**2,
    )

    async def generate(
        self,
        input: MadeFiles,
        context: GeneratorContext,  # noqa: ARG002 - it needs nothing of it
    ) -> list[AssetFile]:
        return [AssetFile(file.path, file.role) for file in input.files]
