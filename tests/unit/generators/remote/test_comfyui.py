"""The ComfyUI generator: templates of the operator, orders that can always be asked for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.generator.generators.comfyui import ComfyUiGenerator
from services.generator.generators.comfyui.templates import BadTemplateError, load
from services.generator.generators.remote.errors import (
    OrderLostError,
    ProviderFailedError,
    ProviderRejectedError,
    ProviderUnavailableError,
)
from shared.errors import InvalidInputError, UnknownOutcomeError
from shared.generators import ProviderJob
from tests.simulators import ComfyUiSimulator, faults
from tests.unit.generators.remote.kit import Job, an_input_file, configured

EXAMPLES = Path("examples/comfyui").resolve()
ASKED = {"template": "text-to-image", "values": {"prompt": "A lighthouse"}}
ASSET = "01890a5d-ac96-774b-bcce-b302099a8057"
SMALL: dict[str, Any] = {
    "fields": {
        "picture": {"type": "image", "into": [["1", "image"]]},
        "tiled": {"type": "switch", "default": False, "into": [["2", "tiled"]]},
    },
    "workflow": {"1": {"class_type": "LoadImage"}, "2": {"class_type": "SaveImage"}},
}


@pytest.fixture
def provider() -> Iterator[ComfyUiSimulator]:
    with ComfyUiSimulator() as provider:
        yield provider


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "text-to-image.json").write_bytes((EXAMPLES / "text-to-image.json").read_bytes())
    (folder / "upscale.json").write_text(json.dumps(SMALL))
    return folder


def a_generator(
    provider: ComfyUiSimulator, monkeypatch: pytest.MonkeyPatch, folder: Path, **changes: Any
) -> ComfyUiGenerator:
    monkeypatch.setenv("DARKROOM_COMFYUI_TEMPLATES", str(folder))
    backend = {"name": "studio", "base_url": provider.url, **changes}
    return configured(monkeypatch, ComfyUiGenerator, backend)


@pytest.fixture
def generator(
    provider: ComfyUiSimulator, monkeypatch: pytest.MonkeyPatch, templates: Path
) -> ComfyUiGenerator:
    return a_generator(provider, monkeypatch, templates)


async def test_a_template_is_filled_run_and_its_pictures_brought_home(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    provider.looks = 3
    values = {"prompt": 'A "light"\nhouse', "steps": 9, "guidance": 2, "sampler": "fast"}
    job = Job(generator, tmp_path, {**ASKED, "values": values})

    [file] = await job.attempt()

    assert file.path.read_bytes().startswith(b"\x89PNG")
    assert file.provenance["stages"]["working"] == 4.0
    assert job.notes.said == ["intend studio", f"submitted {job.id}"]
    assert (job.bill.backend, job.bill.cost) == ("studio", None)
    [asked] = provider.prompts
    assert asked["prompt"]["6"]["inputs"]["text"] == 'A "light"\nhouse'
    sampler = asked["prompt"]["3"]["inputs"]
    assert (sampler["steps"], sampler["seed"], sampler["sampler_name"]) == (9, 7, "euler")
    assert (None, "Making") in job.progress


async def test_a_place_in_the_queue_is_told(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    provider.queue += [[-2, "somebody", {}, {}, []], [-1, "else", {}, {}, []]]
    job = Job(generator, tmp_path, ASKED)
    await job.attempt()
    assert job.progress[:2] == [(None, "2 before it"), (None, "1 before it")]


async def test_pictures_are_uploaded_under_names_of_ours(
    provider: ComfyUiSimulator, monkeypatch: pytest.MonkeyPatch, templates: Path, tmp_path: Path
) -> None:
    generator = a_generator(provider, monkeypatch, templates, price_per_second=0.001)
    asked = {"template": "upscale", "files": [{"field": "picture", "asset": ASSET}]}
    file = an_input_file(tmp_path / "x", b"picture")
    job = Job(generator, tmp_path, asked, inputs={ASSET: file})

    await job.attempt()

    name = f"{job.id}-0.png"
    assert provider.uploads[name] == b"picture"
    assert provider.prompts[0]["prompt"]["1"]["inputs"] == {"image": name}
    assert job.bill.cost == 0.004
    assert ComfyUiGenerator.max_cost() == pytest.approx(0.6)


@pytest.mark.parametrize("chooses_ids", [False, True])
async def test_an_order_whose_answer_was_lost_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, templates: Path, tmp_path: Path, chooses_ids: bool
) -> None:
    with ComfyUiSimulator(chooses_ids=chooses_ids, looks=1) as provider:
        generator = a_generator(provider, monkeypatch, templates)
        provider.faults.plan("submit", faults.cut_after)
        await Job(generator, tmp_path, ASKED).attempt()
        assert provider.submissions == 1

        done = Job(generator, tmp_path, ASKED)
        await done.attempt()
        later = Job(
            generator, tmp_path / "templates", ASKED, job_id=done.id,
            known=ProviderJob("studio", None, 1),
        )  # fmt: skip
        await later.attempt()
        assert provider.submissions == 2


async def test_an_order_that_did_not_arrive_is_given_again(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    provider.faults.plan("submit", faults.cut_before)
    job = Job(generator, tmp_path, ASKED)
    with pytest.raises(ProviderUnavailableError, match="not taken"):
        await job.attempt()
    await job.attempt()
    assert provider.submissions == 1


async def test_a_server_that_is_silent_when_asked_is_an_unknown_outcome(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    provider.faults.plan("submit", faults.answers(200, {"ok": True}))
    provider.faults.plan("queue", *[faults.answers(200, [1])] * 4)
    with pytest.raises(UnknownOutcomeError):
        await Job(generator, tmp_path, ASKED).attempt()


async def test_an_order_that_a_restart_lost_is_given_again_in_another_attempt(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    provider.looks = 1000
    job = Job(generator, tmp_path, ASKED)
    provider.faults.plan("queue", faults.fine, faults.then(provider.restart))
    with pytest.raises(OrderLostError, match="started anew"):
        await job.attempt()
    provider.looks = 1
    await job.attempt()
    assert provider.submissions == 2


async def test_a_workflow_that_fails_says_where(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    provider.fails_with = "Allocation on device\n"
    with pytest.raises(ProviderFailedError, match="failed: KSampler: Allocation on device"):
        await Job(generator, tmp_path, ASKED).attempt()


async def test_a_workflow_that_the_server_refuses_is_said_in_its_words(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator, tmp_path: Path
) -> None:
    words = {"error": {"type": "invalid_prompt", "message": "No model of this name"}}
    provider.faults.plan("submit", faults.answers(400, words))
    job = Job(generator, tmp_path, ASKED)
    with pytest.raises(ProviderRejectedError, match="No model of this name"):
        await job.attempt()


async def test_cancel_takes_it_out_of_the_queue_and_interrupts_only_what_is_ours(
    generator: ComfyUiGenerator, provider: ComfyUiSimulator
) -> None:
    given = generator.input_model.model_validate(ASKED)
    provider.queue += [[1, "other", {}, {}, []], [2, "waits", {}, {}, []]]
    await generator.cancel(given, ProviderJob("studio", "waits", 1))
    assert (provider.deleted, provider.interrupted) == (["waits"], [])
    provider.faults.plan("delete", faults.answers(200))
    await generator.cancel(given, ProviderJob("studio", "other", 1))
    assert provider.interrupted == ["other"]
    await generator.cancel(given, ProviderJob("studio", None, 1))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"template": "evil"}, "template: there is no evil; use text-to-image, upscale"),
        ({"values": {}}, "values.prompt: is missing"),
        ({"values": {"prompt": 1}}, "values.prompt: is no text"),
        ({"values": {"prompt": "x" * 2001}}, "has 2001 characters, 2000 are allowed"),
        ({"values": {"prompt": "x", "steps": 61}}, "values.steps: 61 is not within 1 and 60"),
        ({"values": {"prompt": "x", "steps": True}}, "values.steps: is no whole number"),
        ({"values": {"prompt": "x", "guidance": "7"}}, "values.guidance: is no number"),
        ({"values": {"prompt": "x", "sampler": "uni"}}, "values.sampler: is none of fast, fine"),
        ({"values": {"prompt": "x", "seed": 1}}, "values.seed: text-to-image has no such field"),
        ({"files": [{"field": "mask", "asset": ASSET}]}, "files.mask: text-to-image takes no such"),
        ({"template": "upscale", "values": {}}, "files: upscale needs the picture picture"),
        ({"template": "upscale", "values": {"tiled": 1}}, "values.tiled: is neither true nor fal"),
    ],
)
async def test_what_the_template_does_not_take_is_refused(
    generator: ComfyUiGenerator, tmp_path: Path, asked: dict[str, Any], words: str
) -> None:
    job = Job(generator, tmp_path, {**ASKED, **asked})
    with pytest.raises(InvalidInputError, match=words):
        await job.attempt()
    assert job.notes.said == []


async def test_a_template_goes_to_servers_that_have_its_models(
    provider: ComfyUiSimulator, monkeypatch: pytest.MonkeyPatch, templates: Path, tmp_path: Path
) -> None:
    generator = a_generator(provider, monkeypatch, templates, templates=["upscale"])
    with pytest.raises(InvalidInputError, match="no server here can run text-to-image"):
        await Job(generator, tmp_path, ASKED).attempt()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("{}", "is wrong at fields"),
        (json.dumps({**SMALL, "workflow": {}}), "goes into the node 1, which is not there"),
    ],
)
def test_a_template_that_is_wrong_is_said_to_be(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    with pytest.raises(BadTemplateError, match=words):
        load(tmp_path, "bad")


def test_without_templates_it_is_not_offered(
    provider: ComfyUiSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    backend = json.dumps([{"name": "studio", "base_url": provider.url}])
    monkeypatch.setenv("DARKROOM_COMFYUI_BACKENDS", backend)
    assert "needs the setting DARKROOM_COMFYUI_TEMPLATES" in str(ComfyUiGenerator.unavailable())
    monkeypatch.setenv("DARKROOM_COMFYUI_TEMPLATES", str(tmp_path))
    assert "there is no template" in str(ComfyUiGenerator.unavailable())
