"""The generator that fails on purpose, so that retries, takeovers and failures can be watched.

Hosted only where `DARKROOM_ALLOW_FAULTS=1`. What goes wrong is drawn from the seed and the number
of the attempt: the same job takes the same course again, and its attempts differ. The draws of a
job are spread evenly (steps of the golden ratio), so that no job is merely unlucky: at a rate of
0.5 at most two attempts in a row fail.
"""

import asyncio
import math
import os
import random
import signal
import struct
import time
import zlib
from datetime import timedelta
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.errors import PermanentError, RateLimitedError, RetryableError
from shared.generators import AssetFile, Generator, GeneratorContext, Limits

_GOLDEN = (math.sqrt(5) - 1) / 2


class FlakyTransientError(RetryableError):
    """A passing failure, made on purpose."""

    code = "flaky_transient"


class FlakyPermanentError(PermanentError):
    """A lasting failure, made on purpose."""

    code = "flaky_permanent"


class FlakyRateLimitedError(RateLimitedError):
    """A provider that takes no more for now, made up on purpose."""

    code = "flaky_rate_limited"


class FlakyInput(BaseModel):
    """What is to go wrong, and how often."""

    model_config = ConfigDict(extra="forbid")
    transient_rate: float = Field(
        default=0, ge=0, le=1, description="Share that may be retried.", examples=[0.5]
    )
    permanent_rate: float = Field(
        default=0, ge=0, le=1, description="Share that fails for good.", examples=[0.1]
    )
    crash_rate: float = Field(
        default=0, ge=0, le=1, description="Share that kills its process.", examples=[0.1]
    )
    limited_rate: float = Field(
        default=0, ge=0, le=1, description="Share that is told to wait.", examples=[0.3]
    )
    crash: bool = Field(
        default=False, description="Kill the process, every time.", examples=[False]
    )
    kill_worker: bool = Field(
        default=False, description="Kill the worker too, every time.", examples=[False]
    )
    hang: bool = Field(
        default=False, description="Never answer, until the time limit.", examples=[False]
    )
    memory_mib: int | None = Field(
        default=None,
        ge=1,
        le=65_536,
        description="Take so much memory, every time; it may have 1,024.",
        examples=[4096],
    )
    only_first: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Misbehave in the first so many attempts only.",
        examples=[1],
    )
    delay_seconds: float = Field(
        default=0, ge=0, le=50, description="How long it takes.", examples=[0.2]
    )
    retry_after_seconds: float | None = Field(
        default=None,
        ge=0,
        le=3600,
        description="How long a passing failure, or a limit, asks to wait.",
        examples=[2],
    )
    duplicate: bool = Field(
        default=False, description="Hand back the same picture twice.", examples=[False]
    )
    message: str = Field(
        default="It failed on purpose.",
        max_length=200,
        description="What failures say.",
        examples=["Out of ink."],
    )
    seed: int | None = Field(
        default=None, ge=0, le=2**32 - 1, description="Of chance and picture.", examples=[7]
    )

    @model_validator(mode="after")
    def _shares_fit(self) -> Self:
        shares = (self.transient_rate, self.permanent_rate, self.crash_rate, self.limited_rate)
        if sum(shares) > 1:
            raise ValueError("the rates are more than 1 in all")
        return self


class FlakyGenerator(Generator[FlakyInput]):
    """Waits, then fails, dies, hangs, or makes a small picture."""

    name: ClassVar[str] = "flaky"
    version: ClassVar[str] = "1.1.0"
    description: ClassVar[str] = "Fails on purpose: watch retries, takeovers and recovery."
    input_model: ClassVar[type[FlakyInput]] = FlakyInput
    media_types: ClassVar[tuple[str, ...]] = ("image/png",)
    example: ClassVar[dict[str, Any]] = {"transient_rate": 0.5, "delay_seconds": 0.2}
    limits: ClassVar[Limits] = Limits(
        wall_clock=timedelta(seconds=60), memory_bytes=1024**3, output_bytes=1024**2
    )

    async def generate(self, input: FlakyInput, context: GeneratorContext) -> list[AssetFile]:
        """Whatever was asked for; else a PNG of 64 x 64 pixels."""
        await _wait(input.delay_seconds, context)
        if input.only_first is None or context.attempt <= input.only_first:
            await _misbehave(input, draw(context.seed, context.attempt))
        path, begun = context.scratch / "flaky.png", time.perf_counter()
        path.write_bytes(picture(context.seed))
        stages = {"paint": round(time.perf_counter() - begun, 6)}
        told = {"seed": context.seed, "stages": stages}
        made = AssetFile(path, filename="flaky.png", provenance=told)
        return [made, made] if input.duplicate else [made]


async def _wait(seconds: float, context: GeneratorContext) -> None:
    steps = math.ceil(seconds / 0.25)
    for step in range(steps):
        await context.progress(100 * step / steps, "Waiting")
        await asyncio.sleep(seconds / steps)


async def _misbehave(input: FlakyInput, drawn: float) -> None:
    if input.hang:
        await asyncio.Event().wait()
    if input.memory_mib is not None:
        bytearray(input.memory_mib * 1024**2)
    if input.kill_worker:
        os.kill(os.getppid(), signal.SIGKILL)
    if input.crash or drawn < input.crash_rate:
        os.kill(os.getpid(), signal.SIGKILL)
    seconds = input.retry_after_seconds
    after = None if seconds is None else timedelta(seconds=seconds)
    drawn -= input.crash_rate
    if drawn < input.transient_rate:
        raise FlakyTransientError(input.message, retry_after=after)
    drawn -= input.transient_rate
    if drawn < input.permanent_rate:
        raise FlakyPermanentError(input.message)
    if drawn - input.permanent_rate < input.limited_rate:
        raise FlakyRateLimitedError(input.message, retry_after=after)


def draw(seed: int, attempt: int) -> float:
    """A number from 0 to 1 for this attempt; over many jobs and attempts all are as likely."""
    return (_chance(seed).random() + attempt * _GOLDEN) % 1


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - reproducible on purpose


def picture(seed: int, side: int = 64) -> bytes:
    """A PNG (`side` x `side` pixels, two colours, one diagonal): the same seed, the same bytes."""
    chance = _chance(seed)
    first, second = (bytes(chance.randrange(256) for _ in range(3)) for _ in range(2))
    rows = b"".join(b"\0" + first * (side - row) + second * row for row in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
