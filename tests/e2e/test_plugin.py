"""A generator that is installed as a package of its own, into a stack that runs already."""

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image

from deploy.local.stack import LocalStack
from shared.testing import eventually_sync
from tests.e2e.command_line import CommandLine
from tests.e2e.people import Person, pids_of

SWATCH = Path(__file__).parents[2] / "examples/swatch"
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
NOWHERE = "019ab7f0-0000-7000-8000-00000000dead"


def installed(package: Path, folder: Path) -> Path:
    """What an installer makes of the package: its wheel, unpacked where Python looks."""
    subprocess.run([sys.executable, "-c", BUILD, str(folder)], cwd=package, check=True)
    [wheel] = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


@dataclass(frozen=True)
class Plugin:
    """What the api says of it, and the api's processes before it was there."""

    described: dict[str, Any]
    api: list[int]


@pytest.fixture(scope="module", autouse=True)
def plugin(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plugin]:
    """One more generator service, which has the package; nothing else is told of it."""
    api, address = pids_of(stack, "api"), f"{stack.info.api}/v1/generators/swatch"
    assert httpx.get(address).status_code == 404
    site = installed(SWATCH, tmp_path_factory.mktemp("plugin"))
    told = {
        **psutil.Process(pids_of(stack, "generator")[0]).environ(),
        "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]),
        "DARKROOM_GENERATORS": "swatch",
        "DARKROOM_GENERATOR_PORT": "0",
    }
    command = [sys.executable, "-m", "services.generator", "serve"]
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL)
    try:
        eventually_sync(lambda: httpx.get(address).raise_for_status(), timeout=60)
        yield Plugin(httpx.get(address).json(), api)
    finally:
        process.terminate()
        left = process.wait(30)
    assert left == 0


def a_photo(colour: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (30, 20), colour).save(file, "PNG")
    return file.getvalue()


def colour_of(content: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(content)) as picture:
        pixel = picture.convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


def test_it_is_announced_without_a_restart_of_the_api(stack: LocalStack, plugin: Plugin) -> None:
    assert plugin.described["version"] == "1.1.0"
    assert plugin.described["input_schema"]["properties"]["source"]
    assert pids_of(stack, "api") == plugin.api


def test_it_makes_something_of_an_upload_and_of_what_was_made(
    http: httpx.Client, person: Person
) -> None:
    uploaded = http.post("/v1/uploads?filename=sea.png", content=a_photo("#205080"))
    assert uploaded.status_code == 201, uploaded.text

    first = person.wait(person.ask("swatch", {"source": uploaded.json()["id"], "side": 4})["id"])
    [asset] = [one for one in first["assets"] if one["role"] == "primary"]
    again = person.wait(person.ask("swatch", {"source": asset["id"]})["id"])
    by_job = person.wait(person.ask("swatch", {"source": first["id"]})["id"])

    assert colour_of(http.get(first["urls"]["content"]).content) == (0x20, 0x50, 0x80)
    for job in (first, again, by_job):
        assert job["assets"][0]["provenance"]["colour"] == "#205080"


def test_its_input_is_validated_at_the_door(http: httpx.Client) -> None:
    def pointers(**input: object) -> list[str]:
        answer = http.post("/v1/media", json={"generator": "swatch", "input": input})
        assert answer.status_code == 422, answer.text
        return [error["pointer"] for error in answer.json()["errors"]]

    assert pointers(colour="red") == ["/input/colour"]
    assert pointers(source=NOWHERE) == ["/input/source"]
    assert pointers(colour="#000000", side=0) == ["/input/side"]


def test_what_only_its_model_knows_fails_with_its_words(person: Person) -> None:
    failed = person.wait(person.ask("swatch", {})["id"])

    assert (failed["status"], failed["error"]["code"]) == ("failed", "invalid_input")
    assert "either `colour` or `source`" in failed["error"]["message"]


def test_the_command_line_uploads_the_file_that_is_named(
    darkroom: CommandLine, tmp_path: Path
) -> None:
    photo, made = tmp_path / "photo.png", tmp_path / "made.png"
    photo.write_bytes(a_photo("#ff8800"))

    darkroom.say("make", "swatch", f"source=@{photo}", "side=8", "-o", str(made))

    assert colour_of(made.read_bytes()) == (0xFF, 0x88, 0x00)
