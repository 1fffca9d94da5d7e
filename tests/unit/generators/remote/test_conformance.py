"""What every generator must do, by the remote ones too: with simulators in the providers' place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.generator.generators.comfyui import ComfyUiGenerator
from services.generator.generators.openai_images import OpenAiImagesGenerator
from services.generator.generators.openai_speech import OpenAiSpeechGenerator
from services.generator.generators.remote import RemoteGenerator
from services.generator.generators.replicate import ReplicateGenerator
from shared.testing.generator_conformance import GeneratorConformance
from tests.simulators import ComfyUiSimulator, OpenAiSimulator, ReplicateSimulator
from tests.simulators.server import Simulator

TOO_LONG = "x" * 20_000


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as environment:
        yield environment


def configure(
    environment: pytest.MonkeyPatch,
    kind: type[RemoteGenerator[Any, Any]],
    provider: Simulator,
    path: str = "",
    **changes: Any,
) -> None:
    backend = {
        "name": "simulator",
        "base_url": provider.url + path,
        "api_key": provider.key,
        "poll_seconds": 0.01,
        **changes,
    }
    environment.setenv(kind.settings.variable("backends"), json.dumps([backend]))


@pytest.fixture(scope="class")
def replicate(environment: pytest.MonkeyPatch) -> Iterator[None]:
    with ReplicateSimulator() as provider:
        models = [{"model": "acme/painter", "price_per_run": 0.01}]
        configure(environment, ReplicateGenerator, provider, models=models)
        yield


@pytest.fixture(scope="class")
def openai_images(environment: pytest.MonkeyPatch) -> Iterator[None]:
    with OpenAiSimulator() as provider:
        configure(environment, OpenAiImagesGenerator, provider, "/v1", price_per_image=0.04)
        yield


@pytest.fixture(scope="class")
def openai_speech(environment: pytest.MonkeyPatch) -> Iterator[None]:
    with OpenAiSimulator() as provider:
        price = {"price_per_million_characters": 15}
        configure(environment, OpenAiSpeechGenerator, provider, "/v1", **price)
        yield


@pytest.fixture(scope="class")
def comfyui(environment: pytest.MonkeyPatch) -> Iterator[None]:
    environment.setenv("DARKROOM_COMFYUI_TEMPLATES", str(Path("examples/comfyui").resolve()))
    with ComfyUiSimulator() as provider:
        configure(environment, ComfyUiGenerator, provider)
        yield


@pytest.mark.usefixtures("replicate")
class TestReplicate(GeneratorConformance):
    generator = ReplicateGenerator
    inputs = (
        {"model": "acme/painter", "prompt": "A lighthouse"},
        {"model": "acme/painter", "prompt": "Two", "parameters": {"num_outputs": 2}, "seed": 3},
    )
    hostile = (
        {},
        {"model": "evil/other", "prompt": "x"},
        {"model": "../../v1/account", "prompt": "x"},
        {"model": "acme/painter", "prompt": TOO_LONG},
        {"model": "acme/painter", "prompt": "x", "parameters": {"image": "https://evil.example"}},
        {"model": "acme/painter", "prompt": "x", "parameters": {"image": "data:image/png,x"}},
        {"model": "acme/painter", "prompt": "x", "parameters": {"a/b": 1}},
        {"model": "acme/painter", "prompt": "x", "parameters": {"steps": float("nan")}},
        {"model": "acme/painter", "prompt": "x", "parameters": {"a": {"b": 1}}},
        {"model": "acme/painter", "prompt": "x", "files": [{"parameter": "i", "asset": "/etc"}]},
        {"model": "acme/painter", "prompt": "x", "max_cost": -1},
        {"model": "acme/painter", "prompt": "x", "webhook": "https://evil.example"},
    )


@pytest.mark.usefixtures("openai_images")
class TestOpenAiImages(GeneratorConformance):
    generator = OpenAiImagesGenerator
    inputs = ({"prompt": "A lighthouse"}, {"prompt": "灯台 🗼", "count": 2, "size": "1536x1024"})
    hostile = (
        {"prompt": ""},
        {"prompt": " \n"},
        {"prompt": "x" * 16_001},
        {"prompt": "x", "count": 5},
        {"prompt": "x", "size": "100000x100000"},
        {"prompt": "x", "model": "dall-e-3"},
        {"prompt": "x", "images": ["https://evil.example/a.png"]},
        {"prompt": "x", "images": ["/etc/passwd"]},
        {"prompt": "x", "base_url": "https://evil.example"},
    )


@pytest.mark.usefixtures("openai_speech")
class TestOpenAiSpeech(GeneratorConformance):
    generator = OpenAiSpeechGenerator
    inputs = ({"text": "One ship is missing.", "format": "wav"},)
    hostile = (
        {"text": ""},
        {"text": "x" * 4097},
        {"text": "x", "voice": "../alloy"},
        {"text": "x", "voice": "darth"},
        {"text": "x", "speed": 100},
        {"text": "x", "speed": float("inf")},
        {"text": "x", "format": "exe"},
    )


@pytest.mark.usefixtures("comfyui")
class TestComfyUi(GeneratorConformance):
    generator = ComfyUiGenerator
    inputs = ({"template": "text-to-image", "values": {"prompt": "A lighthouse", "steps": 3}},)
    hostile = (
        {},
        {"template": "../text-to-image"},
        {"template": "/etc/passwd"},
        {"template": "text-to-image", "values": {"prompt": "x", "steps": 10**9}},
        {"template": "text-to-image", "values": {"prompt": TOO_LONG}},
        {"template": "text-to-image", "values": {"prompt": "x", "ckpt_name": "evil"}},
        {"template": "text-to-image", "workflow": {"1": {"class_type": "Shell"}}},
        {"template": "text-to-image", "values": {"prompt": ["4", 0]}},
    )
