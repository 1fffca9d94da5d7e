"""Generators that break one promise each, for tests of the suite that is to see it."""

import asyncio
import os
import socket
import subprocess
import sys
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from shared.generators import AssetFile, AssetId, Execution, Generator, GeneratorContext, Limits

ASSET = "019ab7f0-0000-7000-8000-000000000001"
_background: set[asyncio.Task[Any]] = set()


class Input(BaseModel):
    """A text, and a file where one is named."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(default="x", max_length=200, description="Any.", examples=["x"])
    source: AssetId | None = Field(default=None, description="A file.", examples=[ASSET])


class GoodGenerator(Generator[Input]):
    """Keeps every promise: writes the text, or the file that is named."""

    name: ClassVar[str] = "good"
    version: ClassVar[str] = "1"
    description: ClassVar[str] = "Writes a text."
    input_model: ClassVar[type[BaseModel]] = Input
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)
    example: ClassVar[dict[str, Any]] = {"text": "x"}
    limits: ClassVar[Limits] = Limits(resident_bytes=80 * 1024**2)

    async def generate(self, input: Input, context: GeneratorContext) -> list[AssetFile]:
        await context.progress(1, "Writing")
        await self.misbehave(input, context)
        path = context.scratch / "text.txt"
        source = None if input.source is None else context.input_file(input.source)
        path.write_bytes(self.text(input).encode() if source is None else source.path.read_bytes())
        return [AssetFile(path, provenance=self.provenance())]

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        """What others do."""

    def text(self, input: Input) -> str:
        return input.text

    def provenance(self) -> dict[str, Any]:
        return {"stages": {"write": 0.1}}


class InLoopGenerator(GoodGenerator):
    """Waits a little, and lets itself be stopped."""

    execution: ClassVar[Execution] = Execution.LOOP

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        await asyncio.sleep(0.2)


class HungryGenerator(GoodGenerator):
    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        bytes(bytearray(b"x" * 64 * 1024**2))


class ConnectingGenerator(GoodGenerator):
    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        with socket.socket() as connection:
            try:
                connection.connect(("127.0.0.1", 9))
            except OSError:
                return


class StrayGenerator(GoodGenerator):
    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        (context.scratch.parent / f"stray-{os.getpid()}").write_text("x")


class TrustingGenerator(GoodGenerator):
    """Believes that no text has an address in it."""

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        {"x": 1, "y": 2}[input.text]


class ReturningGenerator(GoodGenerator):
    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        await context.progress(0.5)


class OvershootingGenerator(GoodGenerator):
    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        await context.progress(101)


class SilentGenerator(GoodGenerator):
    async def generate(self, input: Input, context: GeneratorContext) -> list[AssetFile]:
        await asyncio.sleep(0.1)
        return [AssetFile.of_bytes(b"x", "x.txt", provenance=self.provenance())]


class LeavingGenerator(GoodGenerator):
    """Starts a program that outlives it."""

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        if "pytest" in sys.modules:
            return
        command = [sys.executable, "-c", "import time; time.sleep(4)"]
        subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)  # noqa: ASYNC220
        await context.progress(2, "Waiting")
        await asyncio.sleep(5)


class ForkingGenerator(LeavingGenerator):
    """Starts one that ends with it."""

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        if "pytest" in sys.modules:
            return
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(9)"])  # noqa: ASYNC220
        await context.progress(2, "Waiting")
        await asyncio.sleep(5)


class StubbornGenerator(InLoopGenerator):
    """Does not hear that it is to stop."""

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        for _ in range(8):
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue


class DetachedGenerator(InLoopGenerator):
    """Goes on behind everybody's back."""

    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        _background.add(asyncio.create_task(asyncio.sleep(1)))
        await asyncio.sleep(0.2)


class ForgetfulGenerator(GoodGenerator):
    def provenance(self) -> dict[str, Any]:
        return {}


class VagueGenerator(GoodGenerator):
    def provenance(self) -> dict[str, Any]:
        return {"stages": {"write": float("nan")}}


class LocalGenerator(GoodGenerator):
    """Makes other bytes in another process."""

    def text(self, input: Input) -> str:
        return str(os.getpid())


class DyingGenerator(GoodGenerator):
    async def misbehave(self, input: Input, context: GeneratorContext) -> None:
        if "pytest" not in sys.modules:
            os._exit(3)


class _Endless(Input):
    number: int = Field(default=1, ge=0, description="Any.", examples=[1])


class EndlessGenerator(GoodGenerator):
    """Takes any number, however large."""

    input_model: ClassVar[type[BaseModel]] = _Endless
    example: ClassVar[dict[str, Any]] = {"number": 1}


class _Rash(Input):
    text: Annotated[str, BeforeValidator(lambda value: value.strip())] = Field(
        default="x", max_length=200, description="Any.", examples=["x"]
    )


class RashGenerator(GoodGenerator):
    """Its validator takes everything for a text."""

    input_model: ClassVar[type[BaseModel]] = _Rash
