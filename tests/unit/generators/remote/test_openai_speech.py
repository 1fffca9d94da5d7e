"""The OpenAI speech generator."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.generator.generators.openai_speech import OpenAiSpeechGenerator
from services.generator.generators.remote.errors import ProviderFailedError
from shared.errors import InvalidInputError, UnknownOutcomeError
from shared.generators import ProviderJob
from tests.simulators import OpenAiSimulator, faults
from tests.unit.generators.remote.kit import Job, configured

ASKED = {"text": "One ship is missing.", "format": "wav"}


@pytest.fixture
def provider() -> Iterator[OpenAiSimulator]:
    with OpenAiSimulator() as provider:
        yield provider


def a_generator(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, **changes: Any
) -> OpenAiSpeechGenerator:
    backend = {
        "name": "openai",
        "base_url": f"{provider.url}/v1",
        "api_key": provider.key,
        "price_per_million_characters": 15,
        **changes,
    }
    return configured(monkeypatch, OpenAiSpeechGenerator, backend)


async def test_a_text_is_read_aloud_and_charged_by_its_length(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = {**ASKED, "speed": 1.5, "instructions": "Calm."}
    job = Job(a_generator(provider, monkeypatch), tmp_path, asked)

    [file] = await job.attempt()

    assert (file.filename, file.path.read_bytes()[:4]) == ("speech.wav", b"RIFF")
    assert job.bill.cost == pytest.approx(20 * 15e-6)
    [request] = provider.requests
    said = {key: request[key] for key in request if key not in {"headers", "path", "model"}}
    assert said == {
        "input": "One ship is missing.",
        "voice": "alloy",
        "response_format": "wav",
        "speed": 1.5,
        "instructions": "Calm.",
    }
    assert OpenAiSpeechGenerator.max_cost() == pytest.approx(4096 * 15e-6)


async def test_half_a_speech_is_an_unknown_outcome(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    job = Job(a_generator(provider, monkeypatch), tmp_path, ASKED)
    provider.faults.plan("speech", faults.cut_in_the_middle)
    with pytest.raises(UnknownOutcomeError):
        await job.attempt()
    known = Job(job.generator, tmp_path, ASKED, known=ProviderJob("openai", "x", 1))
    with pytest.raises(UnknownOutcomeError, match="does not keep"):
        await known.attempt()


async def test_an_answer_that_is_no_sound_is_refused(
    provider: OpenAiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    provider.faults.plan("speech", faults.answers(200, {"sorry": True}))
    with pytest.raises(ProviderFailedError, match="text/plain"):
        await Job(a_generator(provider, monkeypatch), tmp_path, ASKED).attempt()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"model": "tts-9"}, "model: openai has gpt-4o-mini-tts"),
        ({"voice": "darth"}, "voice: openai has alloy, ash"),
        ({"instructions": "Calm."}, "instructions: openai takes none"),
    ],
)
async def test_what_no_server_can_do_is_refused(
    provider: OpenAiSimulator,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    asked: dict[str, Any],
    words: str,
) -> None:
    generator = a_generator(provider, monkeypatch, instructions=False)
    with pytest.raises(InvalidInputError, match=words):
        await Job(generator, tmp_path, {**ASKED, **asked}).attempt()
