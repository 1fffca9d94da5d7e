"""Sources that want to do harm: each is refused with a sentence that names the asset."""

import io
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.generator.generators.rendition.inputs import RenditionInput
from shared.errors import InvalidInputError
from tests.unit.generators.renditions import (
    ID,
    Renditions,
    bomb,
    document,
    encoded,
    film,
    png,
    quarters,
    shown,
    tone,
)

SMALL = {"width": 64}


@pytest.fixture
def make(tmp_path: Path) -> Renditions:
    return Renditions(tmp_path)


def noise(kind: str = "JPEG") -> bytes:
    values = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    return encoded(Image.fromarray(values), kind)


def gif_bomb() -> bytes:
    """A screen of four gigapixels in a few bytes."""
    return b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0x80, 0, 0) + bytes(6) + b"\x3b"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"", "is empty"),
        (bomb(), "40000 x 40000 pixels: 50 megapixels"),
        (gif_bomb(), "65535 x 65535 pixels"),
        (png(100, 100, zlib.compress(b"\0")), "is broken, or not whole"),
        (png(100, 100, b"no deflate"), "is broken, or not whole"),
        (noise()[: len(noise()) // 2], "is broken, or not whole"),
        (noise("PNG")[: len(noise("PNG")) // 2], "is broken, or not whole"),
        (noise("WEBP")[: len(noise("WEBP")) // 2], "header that cannot be read"),
        (noise("AVIF")[: len(noise("AVIF")) // 2], "is broken, or not whole"),
        (b"\xff\xd8\xff\xe0", "header that cannot be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Vector graphics are not drawn here"),
        (b"just words", "is text/plain"),
        (b"\x7fELF" + bytes(100), "a picture"),
        (tone(), "is audio/wav"),
        (film()[:2000], "has no picture|header that cannot be read"),
        (b"%PDF-1.7 no", "is no PDF that can be read"),
        (document(1, 3, 14_400 * 40), "pixels"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_it_is_refused_with_a_reason(make: Renditions, source: bytes, reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason) as told:
        make(source, **SMALL)

    assert str(told.value).startswith(f"source: the asset {ID}")


@pytest.mark.parametrize("operation", ["waveform", "audio"])
@pytest.mark.parametrize(
    "source",
    [
        b"",
        quarters().tobytes(),
        encoded(quarters()),
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"OggS" + bytes(99),
    ],
)
def test_what_is_no_sound_is_refused(make: Renditions, operation: str, source: bytes) -> None:
    with pytest.raises(InvalidInputError, match=f"source: the asset {ID}"):
        make(source, operation=operation)


def test_a_bomb_is_refused_before_it_is_decoded(make: Renditions) -> None:
    source = bomb()
    begun = time.process_time()

    for operation in ("picture", "placeholder"):
        with pytest.raises(InvalidInputError, match="megapixels"):
            make(source, operation=operation)

    assert time.process_time() - begun < 1


def test_a_picture_that_is_something_else_too_is_a_picture_only(make: Renditions) -> None:
    page = b"<script>alert(1)</script>"
    polyglot = encoded(quarters(), "JPEG") + page + b"PK\3\4"

    [made] = make(polyglot, **SMALL)

    assert page not in made.path.read_bytes()
    assert shown(made.path).size == (64, 32)


def test_a_name_that_lies_is_not_believed(make: Renditions) -> None:
    """GIF by its first bytes, whatever follows: no other loader is tried."""
    with pytest.raises(InvalidInputError, match=r"header that cannot be read|megapixels"):
        make(b"GIF89a" + encoded(quarters()), **SMALL)


def test_huge_metadata_stays_behind(make: Renditions) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    heavy = encoded(quarters(), "JPEG", exif=exif, comment=b"y" * 60_000)

    [made] = make(heavy, **SMALL)

    assert made.path.stat().st_size < 2000


def test_a_picture_in_a_thousand_pages_is_read_once(make: Renditions) -> None:
    frames = [Image.new("P", (60, 60), shade % 250) for shade in range(1000)]
    moving = io.BytesIO()
    frames[0].save(moving, format="GIF", save_all=True, append_images=frames[1:])
    begun = time.process_time()

    [made] = make(moving.getvalue(), width=30)

    assert shown(made.path).size == (30, 30)
    assert time.process_time() - begun < 2


def test_there_is_no_such_asset() -> None:
    with pytest.raises(ValueError, match="source"):
        RenditionInput(source="/etc/passwd")
