"""What is meant to break a worker is refused by name, or fails by itself: the workers live on."""

import struct
import zlib
from typing import Any

import httpx
import pytest

from deploy.local.stack import LocalStack
from tests.e2e.people import Job, Person

BIDI = "\u202egnp.exe\u202c"
ZALGO = "H" + "\u0335" * 120 + "i"


def pixel_bomb(width: int, height: int) -> bytes:
    """A PNG of one black line for each row: a few kilobytes that unfold to gigabytes."""
    rows = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    packed = b"".join(rows.compress(row) for _ in range(height)) + rows.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def make(person: Person, generator: str, input: dict[str, Any], **more: Any) -> Job:
    return person.wait(person.ask(generator, input, **more)["id"])


def upload(person: Person, content: bytes) -> httpx.Response:
    return person.http.post("/v1/uploads", content=content)


@pytest.mark.parametrize(
    ("generator", "input", "pointer"),
    [
        ("card", {"title": "x" * 100_000}, "/input/title"),
        ("card", {"title": "a", "width": 10**6, "height": 10**6}, "/input/width"),
        ("card", {"title": "a", "image": "../../etc/passwd"}, "/input/image"),
        ("card", {"title": "a", "image": "http://169.254.169.254/latest"}, "/input/image"),
        ("art", {"width": 100_000, "height": 100_000}, "/input/width"),
        ("chart", {"kind": "scatter", "title": "a", "points": [{}] * 10**5}, "/input/points"),
        (
            "chart",
            {"kind": "bar", "title": "a", "data": {"url": "file:///etc/passwd"}},
            "/input/data",
        ),
        ("rendition", {"operation": "picture", "source": "file:///etc/passwd"}, "/input/source"),
        ("speech", {"text": "word " * 100_000}, "/input/text"),
        ("music", {"mood": "calm", "seconds": 10**9}, "/input/seconds"),
        ("video", {"scenes": [{"title": "a"}] * 10_000}, "/input/scenes"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_the_name_of_the_field(
    person: Person, generator: str, input: dict[str, Any], pointer: str
) -> None:
    answer = person.http.post("/v1/media", json={"generator": generator, "input": input})

    assert answer.status_code == 422, answer.text
    assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text


def test_a_picture_that_unfolds_to_gigapixels_is_refused_before_it_is_kept(person: Person) -> None:
    bomb = pixel_bomb(40_000, 40_000)
    assert len(bomb) < 500_000

    answer = upload(person, bomb)

    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_pixels")


def test_a_picture_that_is_torn_fails_and_says_why(person: Person) -> None:
    whole = pixel_bomb(640, 480)
    torn = upload(person, whole[: len(whole) // 2])
    assert torn.status_code == 201, torn.text

    job = make(
        person, "rendition", {"operation": "picture", "source": torn.json()["id"], "width": 320}
    )

    assert (job["status"], job["error"]["code"]) == ("failed", "invalid_input")


@pytest.mark.parametrize("text", [BIDI, ZALGO, "<script>alert(1)</script>", "#let x = 1 $\\int$"])
def test_text_is_set_and_never_run(person: Person, text: str) -> None:
    job = make(person, "card", {"title": f"Safe {text}"})

    assert job["status"] == "ready", job["error"]


def test_after_all_of_it_the_same_workers_go_on(stack: LocalStack, person: Person) -> None:
    before = stack.info.pids["generator"]
    upload(person, pixel_bomb(40_000, 40_000))
    make(person, "flaky", {"memory_mib": 4096}, max_attempts=1)
    make(person, "flaky", {"crash": True}, max_attempts=1)

    assert make(person, "card", {"title": "Still here"})["status"] == "ready"
    assert stack.info.pids["generator"] == before
