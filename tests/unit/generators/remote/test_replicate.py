"""The Replicate generator: orders once, waits, brings home."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
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
from services.generator.generators.replicate import ReplicateGenerator, searching
from shared.errors import InvalidInputError, RetryableError, TimedOutError, UnknownOutcomeError
from shared.generators import ProviderJob
from tests.simulators import ReplicateSimulator, faults
from tests.unit.generators.remote.kit import Job, an_input_file, configured

MODEL = {"model": "acme/painter", "price_per_second": 0.002, "longest_seconds": 100}
ASKED = {"model": "acme/painter", "prompt": "A lighthouse"}
ASSET = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def provider() -> Iterator[ReplicateSimulator]:
    with ReplicateSimulator() as provider:
        yield provider


def a_backend(provider: ReplicateSimulator, **changes: Any) -> dict[str, Any]:
    return {
        "name": "replicate",
        "base_url": provider.url,
        "api_key": provider.key,
        "models": [MODEL],
        **changes,
    }


@pytest.fixture
def generator(provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch) -> ReplicateGenerator:
    return configured(monkeypatch, ReplicateGenerator, a_backend(provider))


async def test_an_order_is_noted_waited_for_charged_and_brought_home(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.looks = 5
    provider.logs = (*provider.logs[:3], "  3%| the next bar", "100%")
    job = Job(generator, tmp_path, ASKED)

    [file] = await job.attempt()

    assert file.path.read_bytes().startswith(b"\x89PNG")
    assert file.filename == "replicate.png"
    assert file.provenance["prediction"] == "p000001"
    assert job.notes.said == ["intend replicate", "submitted p000001"]
    assert (job.bill.backend, job.bill.cost) == ("replicate", 0.003)
    assert [percent for percent, _ in job.progress] == [9.0, 49.5, 49.5, 90, 95]
    [request] = provider.requests
    assert request["path"] == "/v1/models/acme/painter/predictions"
    assert request["headers"]["cancel-after"] == "100s"
    assert request["input"] == {"prompt": "A lighthouse", "seed": 7}


async def test_several_files_come_in_order_and_each_once(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "parameters": {"num_outputs": 2}}
    files = await Job(generator, tmp_path, asked).attempt()
    assert [file.filename for file in files] == ["replicate.png", "replicate-2.png"]

    same = f"{provider.url}/files/p000001/0.png"
    provider.output = {"images": [same, same], "note": "a text"}
    assert len(await Job(generator, tmp_path, ASKED).attempt()) == 1


async def test_a_version_goes_to_the_address_of_versions(
    provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = {**MODEL, "version": "abc123", "fixed": {"safe": True}}
    backend = a_backend(provider, models=[model], webhook_url=f"{provider.url}/hook")
    job = Job(configured(monkeypatch, ReplicateGenerator, backend), tmp_path, ASKED)

    await job.attempt()

    [request] = provider.requests
    assert (request["path"], request["version"]) == ("/v1/predictions", "abc123")
    assert request["input"]["safe"] is True
    assert provider.hooked == [f"{job.id} succeeded"]


async def test_files_travel_in_the_request_or_are_uploaded(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "files": [{"parameter": "image", "asset": ASSET}]}
    small = an_input_file(tmp_path / "small", b"x")
    large = an_input_file(tmp_path / "large", b"y" * 300_000)

    await Job(generator, tmp_path, asked, inputs={ASSET: small}).attempt()
    await Job(generator, tmp_path, asked, inputs={ASSET: large}).attempt()

    first, second = provider.requests
    assert first["input"]["image"] == "data:image/png;base64,eA=="
    assert second["input"]["image"] == f"{provider.url}/v1/files/1"
    assert provider.uploads == [b"y" * 300_000]


async def test_who_takes_over_waits_for_the_same_order(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.looks = 1000
    job = Job(generator, tmp_path, ASKED)
    task = asyncio.create_task(job.attempt())
    await job.notes.ordered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    provider.looks = 1

    await job.attempt()

    assert provider.submissions == 1
    assert job.bill.cost == 0.003


async def test_an_order_whose_answer_was_lost_is_found_by_its_seed(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    provider.page = 1
    for number in range(3):
        await Job(generator, tmp_path, ASKED, seed=100 + number).attempt()
    provider.faults.plan("submit", faults.cut_after)
    provider.lag = 1
    job = Job(generator, tmp_path, ASKED, seed=2**32 - 1)

    [file] = await job.attempt()

    assert provider.requests[-1]["input"]["seed"] == 2**31 - 1

    assert file.provenance["prediction"] == "p000004"
    assert provider.submissions == 4
    assert job.notes.said == ["intend replicate", "submitted p000004"]


async def test_a_dead_workers_order_is_found_or_given_for_the_first_time(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    doubtful = ProviderJob("replicate", None, 1)
    never = Job(generator, tmp_path, ASKED, known=doubtful, seed=1)
    await never.attempt()
    assert never.notes.said == ["forget", "intend replicate", "submitted p000001"]

    once = Job(generator, tmp_path, ASKED, known=doubtful, seed=1)
    await once.attempt()
    assert once.notes.said == ["submitted p000001"]
    assert provider.submissions == 1


@pytest.mark.parametrize(
    "answer", [faults.says("no JSON"), faults.answers(200, {"id": "../account", "status": "x"})]
)
async def test_an_answer_that_cannot_be_read_is_an_answer_that_was_lost(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path, answer: Any
) -> None:
    provider.faults.plan("submit", answer)
    with pytest.raises(ProviderUnavailableError, match="not taken"):
        await Job(generator, tmp_path, ASKED).attempt()


async def test_an_answer_that_belongs_to_another_order_is_not_believed(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    await Job(generator, tmp_path, ASKED, seed=1).attempt()
    others = provider.predictions["p000001"]
    provider.faults.plan("submit", faults.does_but_answers(201, others))
    provider.faults.plan("poll", faults.answers(200, others))
    job = Job(generator, tmp_path, ASKED, seed=2)

    [file] = await job.attempt()

    assert job.notes.said == ["intend replicate", "submitted p000002"]
    assert file.provenance["prediction"] == "p000002"


async def test_an_upload_that_fails_leaves_no_doubt(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "files": [{"parameter": "image", "asset": ASSET}]}
    large = an_input_file(tmp_path / "large", b"y" * 300_000)
    for fault in (faults.cut_after, faults.answers(503)):
        provider.faults.plan("upload", fault)
        job = Job(generator, tmp_path, asked, inputs={ASSET: large})
        with pytest.raises(ProviderUnavailableError):
            await job.attempt()
        assert job.notes.said == []


@pytest.mark.parametrize("broken", [faults.cut_before, faults.does_but_answers(504)])
async def test_after_a_broken_connection_the_provider_is_asked(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path, broken: Any
) -> None:
    provider.faults.plan("submit", broken)
    provider.faults.plan("list", faults.answers(503), faults.cut_before)
    job = Job(generator, tmp_path, ASKED)

    if broken is faults.cut_before:
        with pytest.raises(ProviderUnavailableError, match="not taken"):
            await job.attempt()
        assert job.notes.said == ["intend replicate", "forget"]
    await job.attempt()

    assert provider.submissions == 1


@pytest.mark.parametrize(
    "why",
    ["a seed of its own", "data removed", "no answers", "no access", "bad answers", "no end"],
)
async def test_what_cannot_be_found_out_is_said_to_be_unknown(
    generator: ReplicateGenerator,
    provider: ReplicateSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    why: str,
) -> None:
    if why != "no end":
        provider.faults.plan("submit", faults.cut_after)
    provider.data_removed = why == "data removed"
    if why == "no answers":
        provider.faults.plan("list", *[faults.answers(500)] * 4)
    if why == "no access":
        provider.faults.plan("list", faults.answers(403))
    if why == "bad answers":
        bad = (faults.answers(200, [1]), faults.says("?"), faults.answers(200, {"results": [{}]}))
        provider.faults.plan("list", *bad, bad[0])
    if why == "no end":
        for number in range(3):
            await Job(generator, tmp_path, ASKED, seed=number).attempt()
        provider.faults.plan("submit", faults.cut_before)
        provider.page = 1
        monkeypatch.setattr(searching, "PAGES", 2)
    already = provider.submissions
    asked = {**ASKED, **({"seed": 7} if why == "a seed of its own" else {})}
    job = Job(generator, tmp_path, asked)

    with pytest.raises(UnknownOutcomeError, match="may have taken the order"):
        await job.attempt()

    assert job.notes.said == ["intend replicate"]
    assert provider.submissions == already + (why != "no end")


async def test_an_order_with_a_seed_of_its_own_is_found_by_its_webhook(
    provider: ReplicateSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = a_backend(provider, webhook_url=f"{provider.url}/hook")
    generator = configured(monkeypatch, ReplicateGenerator, backend)
    provider.faults.plan("submit", faults.cut_after)
    await Job(generator, tmp_path, {**ASKED, "seed": 7}).attempt()
    assert provider.submissions == 1


async def test_an_order_at_a_backend_that_is_gone_is_not_given_again(
    generator: ReplicateGenerator, provider: ReplicateSimulator, tmp_path: Path
) -> None:
    job = Job(generator, tmp_path, ASKED, known=ProviderJob("old-account", "p1", 1))
    with pytest.raises(UnknownOutcomeError, match="old-account"):
        await job.attempt()
    assert provider.submissions == 0


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
    await generator.cancel(given, ProviderJob("replicate", "p000001", 1))
    await generator.cancel(given, ProviderJob("replicate", None, 1))
    await generator.cancel(given, ProviderJob("gone", "p000001", 1))
    assert provider.canceled == ["p000001"]


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
