"""The diffusers generator, with a pipeline of random weights that is built here.

Skipped where torch is not installed: it is chosen by hardware, and no extra brings it.
"""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from pydantic import ValidationError

from services.generator.generators.diffusers import DiffusersGenerator
from services.generator.generators.diffusers.inputs import DiffusersInput
from services.generator.generators.diffusers.models import DEVICE, FOLDER, MountedModels
from shared.errors import InvalidInputError
from shared.generators import GeneratorContext
from shared.testing.generator_conformance import GeneratorConformance, digests, made
from tests.unit.generators.diffusion import TORCH, tiny_pipeline

needs_torch = pytest.mark.skipif(not TORCH, reason="torch or diffusers is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
QUICK = {"prompt": "a cat", "width": 64, "height": 64, "steps": 3}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models, the first one whole, the second one broken."""
    folder = tmp_path_factory.mktemp("models")
    tiny_pipeline(folder / "tiny")
    (folder / "torn").mkdir()
    (folder / "torn" / "model_index.json").write_text('{"_class_name": "StableDiffusionPipeline"}')
    return folder


@pytest.fixture
def mounted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(folder))
    monkeypatch.setenv(DEVICE, "cpu")
    return folder


def context(scratch: Path, told: list[tuple[float | None, str | None]]) -> GeneratorContext:
    async def report(percent: float | None, message: str | None) -> None:
        told.append((percent, message))

    return GeneratorContext(UUID(int=0), 7, scratch, report=report)


def test_without_a_folder_or_a_model_it_says_what_to_do(tmp_path: Path) -> None:
    assert "set DARKROOM_DIFFUSERS_MODELS" in str(MountedModels({}).lack())
    assert "has no folder with model_index.json" in str(
        MountedModels({FOLDER: str(tmp_path)}).lack()
    )
    with pytest.raises(InvalidInputError, match="DARKROOM_DIFFUSERS_MODELS"):
        MountedModels({}).find(None)


def test_the_device_is_the_best_one_unless_it_is_said() -> None:
    assert MountedModels({}).device is None
    assert MountedModels({DEVICE: "auto"}).device is None
    assert MountedModels({DEVICE: "cuda:1"}).device == "cuda:1"


@pytest.mark.parametrize("name", ["../tiny", "/etc", "a/b", ".hidden"])
def test_a_model_is_a_name_and_no_path(name: str) -> None:
    with pytest.raises(ValidationError, match="model"):
        DiffusersInput.model_validate(QUICK | {"model": name})


@needs_torch
class TestConformance(GeneratorConformance):
    """What every generator must do."""

    generator = DiffusersGenerator
    inputs = (QUICK, QUICK | {"images": 2, "format": "webp", "negative_prompt": "text"})
    hostile = (
        {"prompt": ""},
        {"prompt": "a cat", "width": 65},
        {"prompt": "a cat", "width": 100_000, "height": 100_000},
        {"prompt": "a cat", "steps": 10**9},
        {"prompt": "a cat", "model": "absent"},
        {"prompt": "a cat", "weights": "http://example.org/model"},
    )

    @pytest.fixture(autouse=True)
    def _mounted(self, mounted: Path) -> None:
        """The conformance tests run in the surroundings of a worker."""


@needs_torch
def test_pictures_have_the_size_and_say_where_they_come_from(mounted: Path, tmp_path: Path) -> None:
    assert DiffusersGenerator.unavailable() is None

    first, second = made(DiffusersGenerator, QUICK | {"images": 2, "height": 128}, tmp_path)

    with Image.open(first.path) as picture:
        assert (picture.size, picture.format) == ((64, 128), "PNG")
    assert first.path.read_bytes() != second.path.read_bytes()
    assert first.provenance["model"] == "tiny"
    assert set(first.provenance["weights"]) == {
        "text_encoder/model.safetensors",
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
    }
    assert first.provenance["device"] == "cpu"


@needs_torch
def test_another_seed_makes_another_picture(mounted: Path) -> None:
    assert digests(DiffusersGenerator, QUICK, 1) != digests(DiffusersGenerator, QUICK, 2)


@needs_torch
def test_a_model_that_is_not_mounted_is_named_with_those_that_are(
    mounted: Path, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match="there is no 'absent'; mounted: tiny, torn"):
        made(DiffusersGenerator, QUICK | {"model": "absent"}, tmp_path)


@needs_torch
def test_a_model_that_cannot_be_loaded_is_named(mounted: Path, tmp_path: Path) -> None:
    from services.generator.generators.diffusers.painting import ModelUnusableError

    with pytest.raises(ModelUnusableError, match="torn"):
        made(DiffusersGenerator, QUICK | {"model": "torn"}, tmp_path)


@needs_torch
async def test_every_step_is_told_and_a_loaded_model_is_kept(mounted: Path, tmp_path: Path) -> None:
    generator, told = DiffusersGenerator(), list[tuple[float | None, str | None]]()
    asked = DiffusersInput.model_validate(QUICK)

    await generator.generate(asked, context(tmp_path, told))
    loaded = id(generator._painter)
    await generator.generate(asked, context(tmp_path, []))

    assert [told[0], told[-1]] == [(None, "Loading the model"), (100, "Step 3 of 3")]
    assert id(generator._painter) == loaded


@needs_torch
async def test_canceling_stops_after_the_step_at_hand(mounted: Path, tmp_path: Path) -> None:
    generator, steps = DiffusersGenerator(), list[float]()
    begun = asyncio.Event()

    async def report(percent: float | None, _: str | None) -> None:
        if percent is not None:
            steps.append(percent)
            begun.set()

    asked = DiffusersInput.model_validate(QUICK | {"steps": 150})
    surroundings = GeneratorContext(UUID(int=0), 7, tmp_path, report=report)
    work = asyncio.create_task(generator.generate(asked, surroundings))
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert steps[-1] < 100
    assert await generator.generate(DiffusersInput.model_validate(QUICK), context(tmp_path, []))


def test_the_schema_can_be_told_to_others() -> None:
    schema: dict[str, Any] = DiffusersGenerator.input_model.model_json_schema()
    assert json.dumps(schema)
