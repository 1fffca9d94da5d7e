"""Generators of pictures, one of which does harm to whoever looks at them afterwards."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from services.generator.generators.flaky import picture
from shared.generators import AssetFile, Execution, Generator, GeneratorContext


class Input(BaseModel):
    after: Literal["nothing", "die", "hang"] = "nothing"


class PaintingGenerator(Generator[Input]):
    """Paints in a child; `after` says what comes of looking at it."""

    name: ClassVar[str] = "painting"
    version: ClassVar[str] = "1"
    description: ClassVar[str] = "For tests of thumbnails."
    input_model: ClassVar[type[Input]] = Input
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
    example: ClassVar[dict[str, Any]] = {}

    async def generate(self, input: Input, context: GeneratorContext) -> list[AssetFile]:
        if input.after != "nothing":
            program: Any = sys.modules["__main__"]
            program.derive = _HARM[input.after]
        return [AssetFile.of_bytes(picture(context.seed, side=600), "painted.png")]


class WaitingPainter(PaintingGenerator):
    """Gets its pictures from somebody else."""

    name: ClassVar[str] = "waiting-painter"
    execution: ClassVar[Execution] = Execution.LOOP


def _die(_: Sequence[AssetFile]) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _hang(_: Sequence[AssetFile]) -> None:
    time.sleep(600)


_HARM: dict[str, Callable[[Sequence[AssetFile]], None]] = {"die": _die, "hang": _hang}
