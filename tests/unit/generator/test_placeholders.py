"""ThumbHash, compared with what its author's own code makes of the same pixels."""

import base64

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from services.generator.derivation.placeholders import placeholder, thumbhash

REFERENCE = {
    (40, 30, False): "F1gOFZJQWWlyeHiIiHiIhwyFB+R4",
    (30, 40, True): "m0iGBAo3wgeLiHiHSAqLwk8Hd3eHiIh4Bw==",
    (64, 8, False): "07YKQYpQoliGiHiIX4c4sHc=",
    (1, 1, False): "AAgCBwAAAAAAAAAAAAAAAAAAAAAAAAAA",
    (9, 33, True): "TriBAQISlrB4eHiWsGf5hHB3iIiHiHc=",
}
"""By `rgbaToThumbHash` of the npm package thumbhash 0.1.1."""


def pixels(width: int, height: int, *, clear: bool) -> NDArray[np.uint8]:
    y, x = np.mgrid[:height, :width]
    alpha = np.minimum(255, x * 8) if clear else np.full_like(x, 255)
    planes = (x * 7 % 256, y * 5 % 256, (x * 3 + y * 2) % 256, alpha)
    return np.stack(planes, axis=-1).astype(np.uint8)


@pytest.mark.parametrize(("shape", "expected"), REFERENCE.items())
def test_it_is_the_hash_that_everybody_decodes(shape: tuple[int, int, bool], expected: str) -> None:
    width, height, clear = shape

    made = nibbles(thumbhash(pixels(width, height, clear=clear)))

    reference = nibbles(base64.b64decode(expected))
    assert len(made) == len(reference)
    assert made[:10] == reference[:10]
    assert max(abs(a - b) for a, b in zip(made, reference, strict=True)) <= 1


def test_a_picture_has_one_that_is_short() -> None:
    hashed = placeholder(Image.new("RGB", (512, 100), "teal"))

    assert len(hashed) <= 36
    assert hashed == placeholder(Image.new("RGB", (512, 100), "teal"))


def test_an_invisible_picture_has_one_too() -> None:
    assert placeholder(Image.new("RGBA", (8, 8), (0, 0, 0, 0)))


def nibbles(content: bytes) -> list[int]:
    """Waves that are nothing, and only those, may round to either side: by one."""
    return [half for byte in content for half in (byte & 15, byte >> 4)]
