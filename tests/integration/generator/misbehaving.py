"""A generator that does in its child what a test wants to see contained."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from shared.errors import PermanentError, RetryableError, UnknownOutcomeError
from shared.generators import AssetFile, Generator, GeneratorContext


class BusyError(RetryableError):
    """The provider is busy."""

    code = "provider_busy"


class RefusedError(PermanentError):
    """The provider refuses."""

    code = "provider_refused"


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid")
    do: str


class MisbehavingGenerator(Generator[Input]):
    """Does what `do` names, then writes what it found out."""

    name: ClassVar[str] = "misbehaving"
    version: ClassVar[str] = "1"
    description: ClassVar[str] = "For tests of child processes."
    input_model: ClassVar[type[Input]] = Input
    media_types: ClassVar[tuple[str, ...]] = ("text/plain",)
    example: ClassVar[dict[str, Any]] = {"do": "nothing"}

    async def generate(self, input: Input, context: GeneratorContext) -> list[AssetFile]:
        path = context.scratch / "found.txt"
        path.write_text(str(await getattr(self, input.do)(context)))
        return [AssetFile(path)]

    async def nothing(self, _: GeneratorContext) -> str:
        return "nothing"

    async def pid(self, _: GeneratorContext) -> int:
        return os.getpid()

    async def print_to_the_pipe(self, _: GeneratorContext) -> str:
        print("\x00\x00\x00\x07garbage" * 1000)
        os.write(1, b"more garbage")
        subprocess.run(["echo", "and more"], check=True)  # noqa: ASYNC221
        return sys.stdin.read()

    async def surroundings(self, _: GeneratorContext) -> str:
        return "\n".join(f"{name}={value}" for name, value in sorted(os.environ.items()))

    async def connect(self, _: GeneratorContext) -> str:
        try:
            socket.create_connection(("127.0.0.1", int(os.environ["XDG_TEST_PORT"])), timeout=5)
        except OSError as error:
            return f"refused: {error}"
        return "connected"

    async def report_often(self, context: GeneratorContext) -> str:
        for percent in range(100):
            await context.progress(percent, "working")
        return "reported"

    async def hang(self, _: GeneratorContext) -> None:
        await asyncio.Event().wait()

    async def stop_when_told(self, context: GeneratorContext) -> None:
        await context.progress(None, "began")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.05)  # it has something to put away first
            raise

    async def end_when_told(self, context: GeneratorContext) -> str:
        await context.progress(None, "began")
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return "made in the end"

    async def die_when_told(self, context: GeneratorContext) -> None:
        await context.progress(None, "began")
        try:
            await asyncio.Event().wait()
        finally:
            os._exit(1)

    async def go_on_whatever_is_told(self, context: GeneratorContext) -> None:
        await context.progress(None, "began")
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    async def hang_without_giving_way(self, _: GeneratorContext) -> None:
        while True:
            pass

    async def start_another_and_hang(self, context: GeneratorContext) -> None:
        other = subprocess.Popen(["sleep", "600"])  # noqa: ASYNC220
        await context.progress(None, f"{os.getpid()} {other.pid}")
        await asyncio.Event().wait()

    async def take_memory(self, _: GeneratorContext) -> int:
        return len(bytearray(4 * 1024**3))

    async def write_much(self, context: GeneratorContext) -> None:
        with (context.scratch / "much").open("wb") as file:
            for _ in range(100):
                file.write(bytes(1024**2))

    async def die(self, _: GeneratorContext) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def leave(self, _: GeneratorContext) -> None:
        os._exit(3)

    async def be_busy(self, _: GeneratorContext) -> None:
        raise BusyError(retry_after=timedelta(seconds=7))

    async def charge(self, context: GeneratorContext) -> str:
        context.bill.charge("dear", 0.25)
        return "charged"

    async def charge_and_fail(self, context: GeneratorContext) -> None:
        context.bill.charge("dear", 0.5)
        raise UnknownOutcomeError("The answer was never heard.")

    async def refuse(self, _: GeneratorContext) -> None:
        raise RefusedError("not this one")

    async def have_a_bug(self, _: GeneratorContext) -> None:
        raise KeyError("colour")

    async def leave_somebody_behind(self, _: GeneratorContext) -> None:
        subprocess.Popen(["sleep", "5"], start_new_session=True)  # noqa: ASYNC220
        os.kill(os.getpid(), signal.SIGKILL)
