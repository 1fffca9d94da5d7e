"""The OpenAI images generator: one request, one answer."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.generator.generators.openai_images import OpenAiImagesGenerator
from services.generator.generators.remote.errors import (
    AnswerLostError,
    ProviderAccessError,
    ProviderFailedError,
    ProviderRejectedError,
)
from shared.errors import InvalidInputError, RetryableError, UnknownOutcomeError
from shared.generators import ProviderJob
from tests.simulators import OpenAiSimulator, faults
from tests.unit.generators.remote.kit import Job, an_input_file, configured

ASKED = {"prompt": "A lighthouse\nin a storm"}
ASSET = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def provider() -> Iterator[OpenAiSimulator]:
    with OpenAiSimulator() as provider:
        yield provider


def a_backend(provider: OpenAiSimulator, **changes: Any) -> dict[str, Any]:
    return {
        "name": "openai",
        "base_url": f"{provider.url}/v1",
        "api_key": provider.key,
        "price_per_image": 0.04,
        **changes,
    }


@pytest.fixture
def generator(provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch) -> OpenAiImagesGenerator:
    return configured(monkeypatch, OpenAiImagesGenerator, a_backend(provider))


async def test_pictures_are_made_and_charged(
    generator: OpenAiImagesGenerator, provider: OpenAiSimulator, tmp_path: Path
) -> None:
    asked = {**ASKED, "count": 2, "size": "1536x1024", "quality": "high", "format": "png"}
    job = Job(generator, tmp_path, asked)

    files = await job.attempt()

    assert [file.filename for file in files] == ["picture.png", "picture-2.png"]
    assert all(file.path.read_bytes().startswith(b"\x89PNG") for file in files)
    assert (job.bill.backend, job.bill.cost) == ("openai", 0.08)
    assert job.notes.said == ["intend openai"]
    [request] = provider.requests
    said = {key: request[key] for key in request if key not in {"headers", "path"}}
    assert said == {
        "model": "gpt-image-1",
        "prompt": "A lighthouse\nin a storm",
        "n": 2,
        "size": "1536x1024",
        "quality": "high",
        "output_format": "png",
    }


async def test_what_was_used_is_charged_where_its_price_is_known(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prices = {"price_per_million_input_tokens": 5, "price_per_million_output_tokens": 40}
    generator = configured(monkeypatch, OpenAiImagesGenerator, a_backend(provider, **prices))
    job = Job(generator, tmp_path, ASKED)
    await job.attempt()
    assert job.bill.cost == pytest.approx(20 * 5e-6 + 1000 * 40e-6)


async def test_a_picture_can_be_watched_while_it_is_made(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = a_backend(provider, partial_images=2)
    job = Job(configured(monkeypatch, OpenAiImagesGenerator, backend), tmp_path, ASKED)

    [file] = await job.attempt()

    assert file.path.read_bytes().startswith(b"\x89PNG")
    percents = [percent for percent, message in job.progress if message == "Painting"]
    assert percents == [None, pytest.approx(30), pytest.approx(60)]
    assert provider.requests[0]["stream"] is True

    upload = an_input_file(tmp_path / "upload", b"picture")
    asked = {**ASKED, "images": [ASSET]}
    changed = Job(job.generator, tmp_path, asked, inputs={ASSET: upload})
    await changed.attempt()
    assert percents == [percent for percent, said in changed.progress if said == "Painting"]


@pytest.mark.parametrize("cut", [faults.cut_in_the_middle, faults.answers(200, {"type": "x"})])
async def test_a_stream_without_an_end_is_an_unknown_outcome(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cut: Any
) -> None:
    backend = a_backend(provider, partial_images=2)
    job = Job(configured(monkeypatch, OpenAiImagesGenerator, backend), tmp_path, ASKED)
    provider.faults.plan("images", cut)
    with pytest.raises(UnknownOutcomeError):
        await job.attempt()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ('{"type": "error", "error": {"message": "Out of paint"}}', ProviderFailedError),
        ("no json", UnknownOutcomeError),
        ("[DONE]", UnknownOutcomeError),
    ],
)
async def test_a_stream_that_ends_badly_says_how(
    provider: OpenAiSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: str,
    error: type[Exception],
) -> None:
    backend = a_backend(provider, partial_images=1)
    job = Job(configured(monkeypatch, OpenAiImagesGenerator, backend), tmp_path, ASKED)
    provider.faults.plan("images", faults.says(f"data: {words}\n\n"))
    with pytest.raises(error, match=r"Out of paint|may have taken"):
        await job.attempt()


async def test_pictures_are_changed_with_a_mask(
    generator: OpenAiImagesGenerator, provider: OpenAiSimulator, tmp_path: Path
) -> None:
    file = an_input_file(tmp_path / "upload", b"picture")
    asked = {**ASKED, "images": [ASSET], "mask": ASSET}
    await Job(generator, tmp_path, asked, inputs={ASSET: file}).attempt()
    two = {**ASKED, "images": [ASSET, ASSET]}
    await Job(generator, tmp_path, two, inputs={ASSET: file}).attempt()

    first, second = provider.requests
    assert first["path"] == "/v1/images/edits"
    assert first["files"] == {"image": b"picture", "mask": b"picture"}
    assert second["files"] == {"image[]": b"picture"}


async def test_an_asset_that_is_not_there_leaves_no_doubt(
    generator: OpenAiImagesGenerator, tmp_path: Path
) -> None:
    job = Job(generator, tmp_path, {**ASKED, "images": [ASSET]})
    with pytest.raises(InvalidInputError):
        await job.attempt()
    assert job.notes.said == ["intend openai", "forget"]


async def test_pictures_that_lie_elsewhere_are_noted_and_fetched_by_whoever_comes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with OpenAiSimulator(answers_urls=True) as provider:
        backend = a_backend(provider, dialect="plain")
        job = Job(configured(monkeypatch, OpenAiImagesGenerator, backend), tmp_path, ASKED)
        provider.faults.plan("download", *[faults.answers(503)] * 4)
        with pytest.raises(RetryableError):
            await job.attempt()

        [file] = await job.attempt()

        url = f"{provider.url}/files/0"
        assert job.notes.said == ["intend openai", f"submitted {json.dumps([url])}"]
        assert provider.submissions == 1
        assert file.path.read_bytes().startswith(b"\x89PNG")
        attached = Job(job.generator, tmp_path, ASKED, known=ProviderJob("openai", url, 1))
        assert len(await attached.attempt()) == 1
        wrong = Job(job.generator, tmp_path, ASKED, known=ProviderJob("openai", "[x", 1))
        with pytest.raises(ProviderFailedError, match="leads to no picture"):
            await wrong.attempt()


@pytest.mark.parametrize("cut", [faults.cut_after, faults.cut_in_the_middle, faults.cut_before])
async def test_a_lost_answer_is_an_unknown_outcome(
    generator: OpenAiImagesGenerator, provider: OpenAiSimulator, tmp_path: Path, cut: Any
) -> None:
    provider.faults.plan("images", cut)
    job = Job(generator, tmp_path, ASKED)
    for _ in range(2):
        with pytest.raises(UnknownOutcomeError, match="openai may have taken the order"):
            await job.attempt()
    assert provider.submissions <= 1
    assert job.notes.said == ["intend openai"]


async def test_a_server_that_takes_too_long_is_an_unknown_outcome(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = a_backend(provider, timeout_seconds=0.1)
    job = Job(configured(monkeypatch, OpenAiImagesGenerator, backend), tmp_path, ASKED)
    provider.faults.plan("images", faults.slow(0.5))
    with pytest.raises(UnknownOutcomeError):
        await job.attempt()


async def test_a_server_that_knows_orders_by_key_is_given_them_again_and_charges_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with OpenAiSimulator(honours_keys=True) as provider:
        backend = a_backend(provider, idempotent=True)
        job = Job(configured(monkeypatch, OpenAiImagesGenerator, backend), tmp_path, ASKED)
        provider.faults.plan("images", faults.cut_after, faults.answers(503), faults.cut_after)
        await job.attempt()
        assert (provider.submissions, provider.charged) == (1, 0.04)
        assert provider.requests[0]["headers"]["idempotency-key"] == f"{job.id}-1"


async def test_refusals_are_said_in_the_providers_words(
    generator: OpenAiImagesGenerator, provider: OpenAiSimulator, tmp_path: Path
) -> None:
    with pytest.raises(ProviderRejectedError, match="rejected by the safety system"):
        await Job(generator, tmp_path, {"prompt": "forbidden"}).attempt()
    spent = {"error": {"code": "insufficient_quota", "message": "You exceeded your quota"}}
    provider.faults.plan("images", faults.answers(429, spent))
    with pytest.raises(ProviderAccessError, match="operator") as error:
        await Job(generator, tmp_path, ASKED).attempt()
    assert error.value.extra == {"said": "You exceeded your quota"}
    assert "quota" not in str(error.value)
    assert provider.charged == 0


@pytest.mark.parametrize("item", [{}, {"b64_json": "%"}])
async def test_an_answer_without_a_picture_is_an_answer_that_is_lost(
    generator: OpenAiImagesGenerator, provider: OpenAiSimulator, tmp_path: Path, item: Any
) -> None:
    provider.faults.plan("images", faults.answers(200, {"data": [item]}))
    with pytest.raises((UnknownOutcomeError, AnswerLostError)):
        await Job(generator, tmp_path, ASKED).attempt()


@pytest.mark.parametrize(
    "case",
    [
        ({}, {"model": "dall-e-3"}, "model: openai has gpt-image-1"),
        ({}, {"size": "512x512"}, "size: openai makes 1024x1024, 1024x1536, 1536x1024, auto"),
        ({"sizes": ["512x512"]}, {"size": "1024x1024"}, "size: openai makes 512x512, auto"),
        ({"edits": False}, {"images": [ASSET]}, "images: openai cannot change pictures"),
        ({"dialect": "dall-e"}, {"background": "transparent"}, "background"),
        ({"dialect": "plain"}, {"format": "webp"}, "format: openai makes png"),
        ({"dialect": "dall-e"}, {"count": 2}, "count: openai makes 1 at a time"),
    ],
)
async def test_what_no_server_can_do_is_refused(
    provider: OpenAiSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    case: tuple[dict[str, Any], dict[str, Any], str],
) -> None:
    changes, asked, words = case
    generator = configured(monkeypatch, OpenAiImagesGenerator, a_backend(provider, **changes))
    with pytest.raises(InvalidInputError, match=words):
        await Job(generator, tmp_path, {**ASKED, **asked}).attempt()


async def test_dall_e_is_spoken_to_in_its_own_words(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = a_backend(provider, dialect="dall-e", model="dall-e-3")
    generator = configured(monkeypatch, OpenAiImagesGenerator, backend)
    await Job(generator, tmp_path, {**ASKED, "quality": "low"}).attempt()
    assert provider.requests[0]["quality"] == "standard"
    assert provider.requests[0]["response_format"] == "b64_json"


def test_fields_that_contradict_each_other_are_named() -> None:
    parse = OpenAiImagesGenerator.input_model.model_validate
    with pytest.raises(ValueError, match="mask: there are no images"):
        parse({**ASKED, "mask": ASSET})
    with pytest.raises(ValueError, match="format: jpeg cannot be transparent"):
        parse({**ASKED, "background": "transparent", "format": "jpeg"})
    with pytest.raises(ValueError, match="nothing to say"):
        parse({"prompt": "\u202e"})
