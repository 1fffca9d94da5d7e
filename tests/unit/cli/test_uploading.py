"""`darkroom upload`, and files named with @ in what `darkroom make` is given."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from shared.generators import AssetId
from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import CARD, FakeApi


class Scene(BaseModel):
    model_config = ConfigDict(extra="forbid")
    image: AssetId | None = None
    caption: str = ""


class Film(BaseModel):
    model_config = ConfigDict(extra="forbid")
    source: AssetId
    title: str = ""
    scenes: list[Scene] = Field(default_factory=list)
    by_name: dict[str, AssetId] = Field(default_factory=dict)


@pytest.fixture(autouse=True)
def film(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api.announced = (CARD, {**CARD, "name": "film", "input_schema": Film.model_json_schema()})
    (tmp_path / "photo.png").write_bytes(b"a photo")
    (tmp_path / "logo.png").write_bytes(b"a logo")
    monkeypatch.chdir(tmp_path)


def test_upload_prints_the_id_alone(run: Run, api: FakeApi) -> None:
    outcome = run("upload", "photo.png")

    [(upload_id, (name, content))] = api.uploads.items()
    assert outcome.out.strip() == upload_id
    assert (name, content) == ("photo.png", b"a photo")
    assert "photo.png: image/png 1200x630, 7 bytes" in outcome.err


def test_upload_can_say_more(run: Run) -> None:
    outcome = run("upload", "photo.png", "--name", "me.png", "--json")

    assert json.loads(outcome.out)["filename"] == "me.png"


def test_a_file_that_cannot_be_read_is_named(run: Run, api: FakeApi) -> None:
    assert "nothing.png cannot be read" in run("upload", "nothing.png").err
    assert "nothing.png cannot be read" in run("make", "film", "source=@nothing.png").err
    assert not api.jobs


def test_a_file_is_uploaded_where_an_asset_is_named(run: Run, api: FakeApi) -> None:
    outcome = run("make", "film", "source=@photo.png", "title=@home")

    [upload_id] = api.uploads
    assert outcome.code == 0, outcome
    assert api.requests[0]["input"] == {"source": upload_id, "title": "@home"}


def test_files_are_found_deep_in_a_file_of_fields_and_sent_once(run: Run, api: FakeApi) -> None:
    asked = {
        "source": "@photo.png",
        "scenes": [{"image": "@photo.png", "caption": "@x"}, {"image": "@logo.png"}, {}, 7],
        "by_name": {"one": "@logo.png"},
        "unknown": "@photo.png",
    }
    Path("film.json").write_text(json.dumps(asked))

    run("make", "film", "--input", "film.json")

    photo, logo = (
        next(key for key, upload in api.uploads.items() if upload[0] == name)
        for name in ("photo.png", "logo.png")
    )
    assert len(api.uploads) == 2
    assert api.requests[0]["input"] == {
        "source": photo,
        "scenes": [{"image": photo, "caption": "@x"}, {"image": logo}, {}, 7],
        "by_name": {"one": logo},
        "unknown": "@photo.png",
    }
