"""A generator is offered where its settings are; what is wrong with them is said, never shown."""

import json

import pytest

from services.generator.generators.openai_images import OpenAiImagesGenerator
from services.generator.generators.openai_speech import OpenAiSpeechGenerator
from services.generator.generators.replicate import ReplicateGenerator

VARIABLE = "DARKROOM_OPENAI_IMAGES_BACKENDS"
FINE = {"name": "openai", "api_key": "sk-secret", "price_per_image": 0.2}


@pytest.mark.parametrize(
    ("kind", "variable"),
    [
        (OpenAiImagesGenerator, VARIABLE),
        (OpenAiSpeechGenerator, "DARKROOM_OPENAI_SPEECH_BACKENDS"),
        (ReplicateGenerator, "DARKROOM_REPLICATE_BACKENDS"),
    ],
)
def test_without_settings_it_says_which_one_is_missing(
    kind: type[OpenAiImagesGenerator], variable: str
) -> None:
    assert str(kind.unavailable()).startswith(f"needs the setting {variable}: see docs/generators/")


def test_one_setting_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps([FINE]))
    assert OpenAiImagesGenerator.unavailable() is None
    assert OpenAiImagesGenerator.max_cost() == 0.8
    [backend] = OpenAiImagesGenerator().backends.values()
    assert (backend.told.base_url, backend.told.model) == (
        "https://api.openai.com/v1",
        "gpt-image-1",
    )


def test_what_costs_nothing_has_no_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, json.dumps([{**FINE, "price_per_image": 0}]))
    assert OpenAiImagesGenerator.max_cost() is None


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("[{", f"{VARIABLE} is no JSON"),
        ([{**FINE, "name": "Not OK"}], f"{VARIABLE}[0][name]: String should match"),
        ([{**FINE, "base_url": "ftp://x"}], "not an http or https URL"),
        ([{**FINE, "base_url": "https://me:secret@x"}], "no user, password"),
        ([{**FINE, "unknown": "secret"}], "[unknown]: Extra inputs are not permitted"),
        ([{"name": "openai"}], "[price_per_image]: Field required"),
        ([FINE, FINE], "two backends have the same name"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_shown(
    monkeypatch: pytest.MonkeyPatch, value: object, words: str
) -> None:
    monkeypatch.setenv(VARIABLE, value if isinstance(value, str) else json.dumps(value))
    lack = str(OpenAiImagesGenerator.unavailable())
    assert words in lack
    assert "secret" not in lack


def test_a_model_needs_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = {"name": "r", "models": [{"model": "a/b"}]}
    monkeypatch.setenv("DARKROOM_REPLICATE_BACKENDS", json.dumps([backend]))
    assert "price_per_run, price_per_output or" in str(ReplicateGenerator.unavailable())
