"""The Replicate generator when the provider is busy, slow, or says no."""

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from services.generator.generators.remote.errors import (
    ProviderAccessError,
    ProviderFailedError,
    ProviderLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from services.generator.generators.replicate import ReplicateGenerator
from services.generator.generators.replicate import generator as replicate_generator
from shared.errors import InvalidInputError, RetryableError, TimedOutError
from shared.generators import ProviderJob
from shared.testing import eventually
from tests.simulators import ReplicateSimulator, faults
from tests.unit.generators.remote.kit import Job, configured
from tests.unit.generators.remote.replicate.ordering import ASKED, ASSET, MODEL, a_backend


async def test_a_limited_provider_says_how_long_to_wait_and_is_left_alone_so_long(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.faults.plan("submit", faults.answers(429, retry_after="0.4"))
    job, other = Job(generator, tmp_path, ASKED), Job(generator, tmp_path, ASKED)

    with pytest.raises(ProviderLimitedError) as told:
        await job.attempt()
    began = monotonic()
    await other.attempt()

    assert told.value.retry_after == timedelta(seconds=0.4)
    assert monotonic() - began >= 0.35
    assert job.notes.said == ["intend replicate", "forget"]
    assert provider.submissions == 1


async def test_an_order_that_takes_too_long_is_found_again_by_the_next_attempt(
    generator: ReplicateGenerator,
    provider: ReplicateSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    provider.looks = 1000
    monkeypatch.setattr(ReplicateGenerator, "longest", timedelta(seconds=0.3))
    job = Job(generator, tmp_path, ASKED)
    with pytest.raises(TimedOutError, match="longer than"):
        await job.attempt()
    provider.looks = 1
    await job.attempt()
    assert provider.submissions == 1


async def test_looks_that_fail_are_waited_out(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.faults.plan(
        "poll",
        faults.answers(500),
        faults.cut_in_the_middle,
        faults.answers(429, retry_after="0.01"),
        faults.cut_before,
        faults.answers(504),
    )
    await Job(generator, tmp_path, ASKED).attempt()
    assert provider.submissions == 1


async def test_a_provider_that_is_silent_for_long_is_looked_at_in_another_attempt(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.faults.plan("poll", *[faults.answers(500)] * 7)
    job = Job(generator, tmp_path, ASKED)
    with pytest.raises(RetryableError):
        await job.attempt()
    unpaid, _ = job.bill.cost, await job.attempt()
    assert (provider.submissions, unpaid, job.bill.cost) == (1, None, 0.003)


async def test_a_failed_prediction_is_paid_and_says_why(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.ending, provider.error = "failed", "CUDA out\nof memory"
    job = Job(generator, tmp_path, ASKED)
    with pytest.raises(
        ProviderFailedError, match="painter at replicate failed: CUDA out of memory"
    ):
        await job.attempt()
    assert job.bill.cost == 0.003


async def test_a_prediction_that_somebody_canceled_there_or_without_a_file_has_failed(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.ending = "canceled"
    with pytest.raises(ProviderFailedError, match="canceled there"):
        await Job(generator, tmp_path, ASKED).attempt()
    provider.ending, provider.output = "succeeded", ["only ", "words"]
    with pytest.raises(ProviderFailedError, match="no file"):
        await Job(generator, tmp_path, ASKED).attempt()


async def test_a_rejected_input_is_said_in_the_providers_words(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    job = Job(generator, tmp_path, {"model": "acme/painter"})
    with pytest.raises(ProviderRejectedError, match="prompt is required"):
        await job.attempt()
    assert job.notes.said == ["intend replicate", "forget"]


async def test_a_wrong_key_is_a_matter_for_the_operator_and_not_shown(
    provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = a_backend(provider, api_key="r8_very_secret")
    generator = configured(monkeypatch, ReplicateGenerator, wrong)
    with pytest.raises(ProviderAccessError, match="operator") as error:
        await Job(generator, tmp_path, ASKED).attempt()
    with pytest.raises(ProviderUnavailableError, match="tried again later"):
        await Job(generator, tmp_path, ASKED).attempt()
    assert (
        "secret" not in f"{error.value} {generator.told!r} {generator.backends['replicate'].told}"
    )


async def test_a_download_that_breaks_off_is_tried_again_and_not_the_order(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.faults.plan("download", faults.cut_in_the_middle, faults.answers(503))
    await Job(generator, tmp_path, ASKED).attempt()
    assert provider.submissions == 1


async def test_cancel_stops_the_prediction(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    given = generator.input_model.model_validate(ASKED)
    await Job(generator, tmp_path, ASKED).attempt()
    cost = await generator.cancel(given, ProviderJob("replicate", "p000001", 1))
    assert cost == pytest.approx(0.003), "it was made by then"
    assert await generator.cancel(given, ProviderJob("replicate", None, 1)) is None
    assert await generator.cancel(given, ProviderJob("gone", "p000001", 1)) is None
    assert provider.canceled == ["p000001"]


@pytest.mark.parametrize("lingering", [0, 2, 99])
async def test_what_a_canceled_prediction_has_cost_is_known_once_it_has_stopped(
    generator: ReplicateGenerator,
    provider: ReplicateSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    lingering: int,
) -> None:
    monkeypatch.setattr(replicate_generator, "PAUSE_AFTER_CANCELING", timedelta(0))
    provider.looks, provider.lingering = 1000, lingering
    job = Job(generator, tmp_path, ASKED)
    working = asyncio.create_task(job.attempt())
    await eventually(partial(_must_be_noted, job))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)

    given = generator.input_model.model_validate(ASKED)
    cost = await generator.cancel(given, ProviderJob("replicate", "p000001", 1))

    assert cost == (None if lingering == 99 else pytest.approx(0.003))


async def _must_be_noted(job: Job) -> None:
    assert "submitted p000001" in job.notes.said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"model": "evil/other"}, "use acme/painter"),
        ({"parameters": {"num_outputs": 5}}, "num_outputs: 5 is more than 4"),
        ({"parameters": {"num_outputs": "x"}}, "no number of files"),
        ({"parameters": {"lora": "x"}}, "takes only num_outputs"),
        ({"files": [{"parameter": "image", "asset": ASSET}]}, "takes only num_outputs"),
        ({"max_cost": 0.1}, "max_cost: 0.1 USD is less than the 0.2 USD"),
    ],
)
async def test_what_is_not_allowed_is_refused_before_anything_is_ordered(
    provider: ReplicateSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asked: dict[str, Any],
    words: str,
) -> None:
    backend = a_backend(provider, models=[{**MODEL, "settable": ["num_outputs"]}])
    job = Job(configured(monkeypatch, ReplicateGenerator, backend), tmp_path, ASKED | asked)
    with pytest.raises(InvalidInputError, match=words):
        await job.attempt()
    assert job.notes.said == []


def test_the_most_a_job_can_cost_comes_from_prices_and_cap(
    provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced = {**MODEL, "price_per_output": 0.05, "price_per_run": 0.1}
    configured(monkeypatch, ReplicateGenerator, a_backend(provider, models=[MODEL, priced]))
    assert ReplicateGenerator.max_cost() == pytest.approx(0.1 + 4 * 0.05 + 0.2)
    configured(monkeypatch, ReplicateGenerator, a_backend(provider), max_cost=0.15)
    assert ReplicateGenerator.max_cost() == 0.15
