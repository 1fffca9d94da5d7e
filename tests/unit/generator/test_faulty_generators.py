"""`noop` and `flaky`: what they make, and how evenly `flaky` fails."""

import asyncio
from pathlib import Path
from uuid import UUID

import pytest

from services.generator.generators.flaky import (
    FlakyGenerator,
    FlakyInput,
    FlakyPermanentError,
    FlakyRateLimitedError,
    FlakyTransientError,
    draw,
)
from services.generator.generators.noop import NoopGenerator, NoopInput
from shared.generators import GeneratorContext
from shared.testing.generator_conformance import GeneratorConformance

JOB = UUID(int=0)


class TestFlaky(GeneratorConformance):
    generator = FlakyGenerator
    inputs = ({}, {"seed": 3}, {"duplicate": True})
    hostile = (
        {"transient_rate": 1.5},
        {"transient_rate": 0.6, "permanent_rate": 0.6},
        {"crash_rate": 0.5, "limited_rate": 0.6},
        {"delay_seconds": 1e9},
        {"path": "/etc/passwd"},
        {"message": "x" * 201},
    )


async def test_noop_hands_back_its_payload(tmp_path: Path) -> None:
    context = GeneratorContext(JOB, 1, tmp_path)

    [file] = await NoopGenerator().generate(NoopInput(payload="hello"), context)

    assert (file.content, file.filename) == (b"hello", "ok.txt")


async def test_noop_hands_back_as_much_as_is_asked(tmp_path: Path) -> None:
    context = GeneratorContext(JOB, 1, tmp_path)

    [file] = await NoopGenerator().generate(NoopInput(payload="abc", size=100_000), context)

    assert len(file.content or b"") == 100_000


async def flaky(tmp_path: Path, attempt: int = 1, seed: int = 1, **asked: object) -> int:
    context = GeneratorContext(JOB, seed, tmp_path, attempt)
    return len(await FlakyGenerator().generate(FlakyInput.model_validate(asked), context))


async def test_flaky_fails_as_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(FlakyTransientError, match="No ink"):
        await flaky(tmp_path, transient_rate=1, message="No ink")
    with pytest.raises(FlakyPermanentError):
        await flaky(tmp_path, permanent_rate=1)
    with pytest.raises(FlakyRateLimitedError):
        await flaky(tmp_path, limited_rate=1)


async def test_flaky_passes_on_how_long_to_wait(tmp_path: Path) -> None:
    with pytest.raises(FlakyTransientError) as caught:
        await flaky(tmp_path, transient_rate=1, retry_after_seconds=7)

    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 7


async def test_flaky_behaves_after_its_first_attempts(tmp_path: Path) -> None:
    with pytest.raises(FlakyTransientError):
        await flaky(tmp_path, attempt=2, transient_rate=1, only_first=2)

    assert await flaky(tmp_path, attempt=3, transient_rate=1, only_first=2) == 1


async def test_flaky_can_hang(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(flaky(tmp_path, hang=True), 0.05)


def test_half_of_all_attempts_fail_but_never_three_in_a_row() -> None:
    courses = [[draw(seed, attempt) < 0.5 for attempt in range(1, 11)] for seed in range(500)]

    share = sum(map(sum, courses)) / 5000
    assert 0.45 < share < 0.55
    assert not any(all(course[i : i + 3]) for course in courses for i in range(8))


def test_the_same_job_takes_the_same_course() -> None:
    assert draw(7, 3) == draw(7, 3)
    assert draw(7, 1) != draw(8, 1)
    assert draw(7, 1) != draw(7, 2)
