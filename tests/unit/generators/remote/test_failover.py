"""Where one backend certainly has not taken an order, the next one within the cap is asked."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.generator.generators.openai_images import OpenAiImagesGenerator
from services.generator.generators.remote import Backend
from services.generator.generators.remote.breaker import State
from services.generator.generators.remote.errors import (
    ProviderAccessError,
    ProviderLimitedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from shared.errors import InvalidInputError, UnknownOutcomeError
from tests.simulators import OpenAiSimulator, faults
from tests.unit.generators.remote.kit import Job, configured

ASKED = {"prompt": "A lighthouse"}


@pytest.fixture
def cheap() -> Iterator[OpenAiSimulator]:
    with OpenAiSimulator() as provider:
        yield provider


@pytest.fixture
def dear() -> Iterator[OpenAiSimulator]:
    with OpenAiSimulator() as provider:
        yield provider


def a_backend(name: str, provider: OpenAiSimulator, price: float, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "base_url": f"{provider.url}/v1",
        "api_key": provider.key,
        "price_per_image": price,
        **changes,
    }


@pytest.fixture
def generator(
    cheap: OpenAiSimulator, dear: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch
) -> OpenAiImagesGenerator:
    return configured(
        monkeypatch,
        OpenAiImagesGenerator,
        a_backend("dear", dear, 0.2),
        a_backend("cheap", cheap, 0.04, breaker_failures=2),
        max_cost=0.5,
    )


async def test_the_cheapest_is_asked_first(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    job = Job(generator, tmp_path, ASKED)
    await job.attempt()
    assert (cheap.submissions, dear.submissions, job.bill.backend) == (1, 0, "cheap")


@pytest.mark.parametrize(
    "refusal",
    [
        faults.answers(429, retry_after="60"),
        faults.answers(503),
        faults.answers(401),
        faults.answers(402),
        faults.answers(404),
    ],
)
async def test_the_next_one_is_asked_where_the_first_certainly_has_not_taken_it(
    generator: OpenAiImagesGenerator,
    cheap: OpenAiSimulator,
    dear: OpenAiSimulator,
    tmp_path: Path,
    refusal: faults.Fault,
) -> None:
    cheap.faults.plan("images", refusal)
    job = Job(generator, tmp_path, ASKED)
    await job.attempt()
    assert (cheap.submissions, dear.submissions) == (0, 1)
    assert (job.bill.backend, job.bill.cost) == ("dear", 0.2)
    assert job.notes.said == ["intend cheap", "forget", "intend dear"]


async def test_nobody_else_is_asked_where_it_may_have_been_taken(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    cheap.faults.plan("images", faults.cut_after)
    with pytest.raises(UnknownOutcomeError):
        await Job(generator, tmp_path, ASKED).attempt()
    assert dear.submissions == 0


async def test_an_input_that_one_rejects_is_not_carried_to_the_next(
    generator: OpenAiImagesGenerator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    with pytest.raises(ProviderRejectedError):
        await Job(generator, tmp_path, {"prompt": "forbidden"}).attempt()
    assert dear.submissions == 0


async def test_a_backend_past_the_cap_is_not_asked(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    cheap.faults.plan("images", faults.answers(503))
    with pytest.raises(ProviderUnavailableError):
        await Job(generator, tmp_path, {**ASKED, "max_cost": 0.1}).attempt()
    with pytest.raises(InvalidInputError, match=r"max_cost: 0\.01 USD is less than the 0\.04 USD"):
        await Job(generator, tmp_path, {**ASKED, "max_cost": 0.01}).attempt()
    assert dear.submissions == 0
    assert OpenAiImagesGenerator.max_cost() == 0.5


async def test_the_settings_cap_every_job(
    cheap: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    generator = configured(
        monkeypatch, OpenAiImagesGenerator, a_backend("cheap", cheap, 0.04), max_cost=0.1
    )
    with pytest.raises(InvalidInputError, match=r"the settings let a job cost: 0\.1 USD"):
        await Job(generator, tmp_path, {**ASKED, "count": 3, "max_cost": 5}).attempt()


async def test_a_backend_that_keeps_failing_is_left_alone(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    cheap.faults.plan("images", faults.answers(500), faults.answers(500))
    for _ in range(3):
        await Job(generator, tmp_path, ASKED).attempt()
    assert (cheap.submissions, dear.submissions) == (0, 3)
    assert generator.backends["cheap"].breaker.state is State.OPEN


async def test_a_wrong_key_opens_the_breaker_at_once(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, tmp_path: Path
) -> None:
    cheap.faults.plan("images", faults.answers(403))
    await Job(generator, tmp_path, ASKED).attempt()
    assert generator.backends["cheap"].breaker.state is State.OPEN


@pytest.mark.parametrize(
    "case",
    [
        (faults.answers(401), faults.answers(503), ProviderUnavailableError),
        (faults.answers(429, retry_after="50"), faults.answers(401), ProviderLimitedError),
        (faults.answers(429, retry_after="50"), faults.answers(503), ProviderUnavailableError),
        (faults.answers(401), faults.answers(403), ProviderAccessError),
    ],
)
async def test_when_nobody_takes_it_the_reason_that_passes_is_said(
    generator: OpenAiImagesGenerator,
    cheap: OpenAiSimulator,
    dear: OpenAiSimulator,
    tmp_path: Path,
    case: tuple[faults.Fault, faults.Fault, type[Exception]],
) -> None:
    first, second, kind = case
    cheap.faults.plan("images", first)
    dear.faults.plan("images", second)
    with pytest.raises(kind):
        await Job(generator, tmp_path, ASKED).attempt()


async def test_when_all_are_limited_the_shortest_wait_is_said(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    cheap.faults.plan("images", faults.answers(429, retry_after="90"))
    dear.faults.plan("images", faults.answers(429, retry_after="20"))
    with pytest.raises(ProviderLimitedError) as told:
        await Job(generator, tmp_path, ASKED).attempt()
    assert told.value.retry_after is not None
    assert told.value.retry_after.total_seconds() == 20


async def test_a_server_that_is_not_there_has_taken_nothing(
    dear: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with OpenAiSimulator() as gone:
        pass
    generator = configured(
        monkeypatch,
        OpenAiImagesGenerator,
        a_backend("gone", gone, 0.01),
        a_backend("dear", dear, 0.2),
    )
    job = Job(generator, tmp_path, ASKED)
    await job.attempt()
    assert job.notes.said == ["intend gone", "forget", "intend dear"]


async def test_no_more_orders_are_under_way_than_a_backend_may_have_and_the_others_wait(
    cheap: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(f"{Backend.__module__}.PATIENCE", timedelta(seconds=0.01))
    backend = a_backend("cheap", cheap, 0.04, max_concurrency=1)
    generator = configured(monkeypatch, OpenAiImagesGenerator, backend)
    cheap.faults.plan("images", faults.slow(0.3))
    jobs = [Job(generator, tmp_path, ASKED) for _ in range(3)]

    await asyncio.gather(*(job.attempt() for job in jobs))

    assert (None, "Waiting for its turn") not in jobs[0].progress
    assert (None, "Waiting for its turn") in jobs[1].progress
    assert [request["headers"]["host"] for request in cheap.requests] == [cheap.url[7:]] * 3


async def test_a_full_backend_is_passed_by(
    generator: OpenAiImagesGenerator, cheap: OpenAiSimulator, dear: OpenAiSimulator, tmp_path: Path
) -> None:
    generator.backends["cheap"].failed(ProviderLimitedError(retry_after=timedelta(seconds=60)))
    job = Job(generator, tmp_path, ASKED)
    await job.attempt()
    assert (cheap.submissions, dear.submissions) == (0, 1)
