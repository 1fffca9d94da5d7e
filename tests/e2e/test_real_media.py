"""Real media through the whole stack: each kind, twice the same, looked at as its owner would."""

import io
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from tests.e2e.command_line import CommandLine
from tests.e2e.people import Job, Person

LETTER = {
    "sender": {"name": "Northwind"},
    "recipient": {"name": "Contoso"},
    "date": "2026-03-02",
    "subject": "Your order",
    "paragraphs": ["It is on its way."],
}
CHART = {
    "kind": "bar",
    "title": "Jobs",
    "labels": ["Mon", "Tue"],
    "series": [{"name": "Jobs", "values": [3, 5]}],
}
FILM = {
    "scenes": [{"title": "One", "seconds": 1}, {"title": "Two", "narration": "Two."}],
    "resolution": "360p",
    "fps": 24,
    "music": {"mood": "calm"},
}
INPUTS: dict[str, dict[str, Any]] = {
    "art": {"width": 640, "height": 400, "seed": 7},
    "card": {"title": "Hello"},
    "chart": CHART,
    "document": {"kind": "letter", "letter": LETTER},
    "music": {"mood": "lofi", "seconds": 6, "seed": 7},
    "rendition": {"operation": "qr", "text": "https://example.org"},
    "speech": {"text": "Hello. It is on its way.", "captions": "srt"},
    "video": {**FILM, "seed": 7},
}


class Studio:
    """Makes media, each of `INPUTS` once."""

    def __init__(self, person: Person, kept: dict[str, Job]) -> None:
        self._person = person
        self._kept = kept

    def make(self, generator: str, input: dict[str, Any] | None = None) -> Job:
        asked = INPUTS[generator] if input is None else input
        job = self._person.wait(self._person.ask(generator, asked)["id"], timeout=150)
        assert job["status"] == "ready", job["error"]
        return job

    def one(self, generator: str) -> Job:
        if generator not in self._kept:
            self._kept[generator] = self.make(generator)
        return self._kept[generator]

    def content(self, job: Job, position: int = 0) -> bytes:
        answer = self._person.http.get(f"/v1/media/{job['id']}/assets/{position}")
        assert answer.status_code == 200
        return answer.content


@pytest.fixture(scope="module")
def kept() -> dict[str, Job]:
    return {}


@pytest.fixture
def studio(person: Person, kept: dict[str, Job]) -> Studio:
    return Studio(person, kept)


@pytest.mark.parametrize("generator", sorted(INPUTS))
def test_the_same_input_and_seed_give_the_same_bytes(studio: Studio, generator: str) -> None:
    first, second = studio.one(generator), studio.make(generator)

    def files(job: Job) -> list[tuple[str, str]]:
        return [(asset["role"], asset["sha256"]) for asset in job["assets"]]

    assert files(first) == files(second)
    provenance = first["assets"][0]["provenance"]
    assert provenance["generator"] == generator
    assert {"version", "seed", "stages"} <= provenance.keys()


@pytest.mark.parametrize("generator", ["art", "card", "chart", "document", "video"])
def test_what_can_be_seen_has_a_small_picture_of_it(
    person: Person, studio: Studio, generator: str
) -> None:
    job = studio.one(generator)

    answer = person.http.get(job["urls"]["thumbnail"])
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert max(picture.size) <= 640
        assert picture.format in {"WEBP", "JPEG"}


def test_a_chart_that_is_a_vector_graphic_has_a_small_picture_too(
    person: Person, studio: Studio
) -> None:
    job = studio.make("chart", CHART | {"format": "svg"})

    answer = person.http.get(job["urls"]["thumbnail"])
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.format == "WEBP"
    assert job["assets"][0]["placeholder"]


def test_speech_sounds_as_long_as_it_says_and_its_captions_cover_it(studio: Studio) -> None:
    job = studio.one("speech")
    sound, captions = job["assets"][0], job["assets"][1]

    samples, rate = heard(studio.content(job))
    assert samples.shape[-1] / rate == pytest.approx(sound["duration"], abs=0.1)
    assert 1 < sound["duration"] < 6
    assert float(np.sqrt(np.mean(samples**2))) > 0.05
    assert float(np.abs(samples).max()) < 1
    assert captions["role"] == "captions"
    assert "It is on its way." in studio.content(job, 1).decode()


def test_every_frame_of_a_video_can_be_decoded(studio: Studio) -> None:
    job = studio.one("video")

    with av.open(io.BytesIO(studio.content(job)), "r") as film:
        frames = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
    assert len(frames) == pytest.approx(job["assets"][0]["duration"] * 24, abs=1)
    assert all(frame.mean() > 4 for frame in frames)


def test_a_document_says_what_it_was_told(studio: Studio) -> None:
    job = studio.one("document")

    page = pypdfium2.PdfDocument(studio.content(job))[0]
    text = page.get_textpage().get_text_range()
    assert "Your order" in text
    assert "It is on its way." in text


def test_one_result_is_made_into_another(studio: Studio) -> None:
    card = studio.one("card")

    wanted = {"operation": "picture", "source": card["id"], "width": 320, "format": "webp"}
    small = studio.make("rendition", wanted)

    with Image.open(io.BytesIO(studio.content(small))) as picture:
        assert (picture.width, picture.format) == (320, "WEBP")


@pytest.mark.parametrize("generator", ["chart", "speech"])
def test_what_is_told_by_a_file_is_made_at_the_command_line(
    darkroom: CommandLine, tmp_path: Path, generator: str
) -> None:
    told, target = tmp_path / "told.json", tmp_path / "made"
    told.write_text(json.dumps(INPUTS[generator]))

    darkroom.say("make", generator, "--input", str(told), "-o", str(target))

    assert target.stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("music", "mood=calm", "seconds=1000"), "input.seconds: 1000 is greater than"),
        (("speech", "text=Hi", "speed=9"), "input.speed: 9 is greater than the maximum of 2"),
        (("art", "width=7"), "input.width: 7 is less than the minimum of"),
        (("rendition", "operation=qr", "text=a", "source=x"), "input.source"),
    ],
)
def test_a_bad_input_names_the_field_and_the_bound(
    darkroom: CommandLine, arguments: tuple[str, ...], complaint: str
) -> None:
    refused = darkroom("make", *arguments)

    assert refused.returncode == 1
    assert complaint in refused.stderr


def heard(sound: bytes) -> tuple[Any, int]:
    with av.open(io.BytesIO(sound), "r") as file:
        rate = file.streams.audio[0].rate
        parts = [frame.to_ndarray() for frame in file.decode(audio=0)]
    return np.concatenate(parts, axis=1), rate
