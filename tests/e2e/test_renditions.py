"""A picture on its way through a running stack: made, shown small, uploaded, made anew."""

import io
from typing import Any

import httpx
from PIL import Image

from tests.unit.generators.renditions import bomb, encoded, quarters, tone

WAIT = {"Prefer": "wait=30"}


def made(http: httpx.Client, generator: str, **input: object) -> dict[str, Any]:
    """The job, once it has ended."""
    answer = http.post(
        "/v1/media", json={"generator": generator, "input": input}, headers=WAIT, timeout=40
    )
    assert answer.is_success, answer.text
    job: dict[str, Any] = answer.json()
    return job


def uploaded(http: httpx.Client, content: bytes) -> str:
    answer = http.post("/v1/uploads", content=content)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_card_comes_with_a_small_picture_of_itself(http: httpx.Client) -> None:
    job = made(http, "card", title="Seen from afar")

    primary, thumbnail = job["assets"]
    assert primary["placeholder"]
    assert (thumbnail["role"], thumbnail["media_type"]) == ("thumbnail", "image/webp")
    assert (thumbnail["width"], thumbnail["height"]) == (512, 269)
    small = Image.open(io.BytesIO(http.get(job["urls"]["thumbnail"]).content))
    assert (small.format, small.size) == ("WEBP", (512, 269))


def test_a_text_has_nothing_to_be_shown(http: httpx.Client) -> None:
    job = made(http, "noop", payload="words")

    assert "thumbnail" not in job["urls"]
    assert "placeholder" not in job["assets"][0]


def test_an_upload_is_made_anew(http: httpx.Client) -> None:
    source = uploaded(http, encoded(quarters(1600, 800), "JPEG"))

    job = made(http, "rendition", source=source, widths=[800, 400])

    found = [(asset["role"], asset["width"], asset["height"]) for asset in job["assets"]]
    assert found == [("primary", 800, 400), ("variant", 400, 200), ("thumbnail", 512, 256)]
    assert all(asset["placeholder"] for asset in job["assets"][:2])


def test_what_was_made_is_made_anew(http: httpx.Client) -> None:
    card = made(http, "card", title="Made anew")

    job = made(http, "rendition", source=card["id"], width=200, format="avif")

    assert job["status"] == "ready", job["error"]
    assert job["assets"][0]["media_type"] == "image/avif"
    assert job["urls"]["thumbnail"] == job["assets"][0]["url"]


def test_a_sound_can_be_seen(http: httpx.Client) -> None:
    job = made(http, "rendition", operation="waveform", source=uploaded(http, tone()))

    assert (job["assets"][0]["width"], job["assets"][0]["height"]) == (1200, 240)


def test_a_request_without_source_or_text_is_refused_at_the_field(http: httpx.Client) -> None:
    for asked, field in (({"width": 100}, "source"), ({"operation": "qr"}, "text")):
        answer = http.post("/v1/media", json={"generator": "rendition", "input": asked})

        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert field in error["pointer"] + error["message"]


def test_a_bomb_harms_nobody(http: httpx.Client) -> None:
    refused = http.post("/v1/uploads", content=bomb())
    cut = made(http, "rendition", source=uploaded(http, encoded(quarters(), "JPEG")[:900]))

    assert refused.status_code == 422
    assert refused.json()["code"] == "too_many_pixels"
    assert cut["status"] == "failed"
    assert "broken" in cut["error"]["message"]
    assert made(http, "noop")["status"] == "ready"
