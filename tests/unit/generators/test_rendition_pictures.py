"""Pictures in the size, shape and form that was asked for."""

import io
import json
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageCms

from shared.errors import InvalidInputError
from shared.generators import Role
from tests.unit.generators.renditions import Renditions, document, encoded, film, quarters, shown

RED, GREEN, BLUE, WHITE = (208, 0, 0), (0, 176, 0), (0, 0, 208), (255, 255, 255)


@pytest.fixture
def make(tmp_path: Path) -> Renditions:
    return Renditions(tmp_path)


def color(picture: Image.Image, x: float, y: float) -> list[int]:
    """At a place, in fractions of the picture."""
    pixels = np.asarray(picture.convert("RGB"))
    row, column = int(y * (picture.height - 1)), int(x * (picture.width - 1))
    found: list[int] = pixels[row, column].tolist()
    return found


def near(one: list[int], other: tuple[int, ...], by: int = 12) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= by


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ({}, (400, 200)),
        ({"width": 100}, (100, 50)),
        ({"height": 50}, (100, 50)),
        ({"width": 100, "height": 20}, (40, 20)),
        ({"width": 800}, (400, 200)),
        ({"width": 800, "enlarge": True}, (800, 400)),
        ({"width": 1}, (1, 1)),
        ({"width": 90, "height": 90, "fit": "cover"}, (90, 90)),
        ({"width": 900, "height": 900, "fit": "cover"}, (900, 900)),
        ({"width": 90, "height": 90, "fit": "contain"}, (90, 90)),
        ({"width": 90, "height": 91, "fit": "fill"}, (90, 91)),
        ({"rotate": 90}, (200, 400)),
        ({"rotate": 270, "width": 50}, (50, 100)),
        ({"crop": {"left": 10, "top": 20, "width": 30, "height": 40}}, (30, 40)),
    ],
)
def test_a_picture_has_the_size_that_was_asked_for(
    make: Renditions, asked: dict[str, Any], size: tuple[int, int]
) -> None:
    assert make.picture(encoded(quarters()), **asked).size == size


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "webp", "avif", "tiff"])
def test_every_kind_of_picture_can_be_a_source(make: Renditions, kind: str) -> None:
    made = make.picture(encoded(quarters(), kind), width=200, format="png")

    assert made.size == (200, 100)
    assert near(color(made, 0.25, 0.25), RED, 25)


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_every_kind_of_picture_can_be_made(make: Renditions, kind: str) -> None:
    made = make.picture(encoded(quarters()), format=kind, width=200)

    assert (made.format or "").lower() == kind
    assert near(color(made, 0.75, 0.25), GREEN, 25)


def test_less_quality_is_less_of_a_file(make: Renditions) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    source = encoded(Image.fromarray(noise))

    sizes = [make(source, quality=q, format="jpeg")[0].path.stat().st_size for q in (20, 60, 95)]

    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ("top-left", RED),
        ("top-right", GREEN),
        ("bottom-right", BLUE),
        ("bottom-left", WHITE),
    ],
)
def test_cover_keeps_the_corner_that_was_asked_for(
    make: Renditions, position: str, expected: tuple[int, ...]
) -> None:
    wide = make.picture(
        encoded(quarters()), width=50, height=100, fit="cover", position=position, format="png"
    )
    flat = make.picture(
        encoded(quarters()), width=200, height=50, fit="cover", position=position, format="png"
    )

    y = 0.1 if "top" in position else 0.9
    x = 0.1 if "left" in position else 0.9
    assert near(color(wide, 0.5, y), expected)
    assert near(color(flat, x, 0.5), expected)


@pytest.mark.parametrize("position", ["attention", "entropy"])
def test_cover_finds_what_is_worth_keeping(make: Renditions, position: str) -> None:
    field = Image.new("RGB", (600, 200), "#e8e8e8")
    noise = np.random.default_rng(3).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    noise[..., 0] = 230
    field.paste(Image.fromarray(noise), (500, 60))

    made = make.picture(
        encoded(field), width=150, height=150, fit="cover", position=position, format="png"
    )

    assert np.asarray(made.convert("L"), dtype=float).std() > 10


def test_contain_has_a_margin_in_the_background_or_none(make: Renditions) -> None:
    source = encoded(quarters())
    frame = {"width": 200, "height": 200, "fit": "contain", "format": "png"}

    clear = make.picture(source, **frame)
    colored = make.picture(source, background="#ff8800", **frame)
    below = make.picture(source, position="bottom", background="#ff8800", **frame)

    assert clear.mode == "RGBA"
    assert np.asarray(clear)[0, 0, 3] == 0
    assert near(color(clear, 0.2, 0.4), RED)
    assert near(color(colored, 0.5, 0.02), (255, 136, 0), 2)
    assert near(color(below, 0.2, 0.55), RED)


def test_what_is_see_through_stays_so_or_gets_a_background(make: Renditions) -> None:
    glass = encoded(Image.new("RGBA", (50, 50), (255, 0, 0, 0)))

    assert np.asarray(make.picture(glass, format="webp"))[0, 0, 3] == 0
    assert near(color(make.picture(glass, format="jpeg"), 0.5, 0.5), WHITE)
    assert near(
        color(make.picture(glass, format="png", background="#102030"), 0, 0), (16, 32, 48), 1
    )


def test_turning_and_mirroring_move_the_corners(make: Renditions) -> None:
    source = encoded(quarters())

    turned = make.picture(source, rotate=90, format="png")
    mirrored = make.picture(source, mirror=True, format="png")

    assert near(color(turned, 0.9, 0.1), RED)
    assert near(color(mirrored, 0.9, 0.1), RED)


def test_a_photo_that_was_taken_upright_stands_upright(make: Renditions) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    source = encoded(quarters(), "JPEG", exif=exif)

    made = make.picture(source, format="png")
    part = make.picture(
        source, crop={"left": 100, "top": 0, "width": 100, "height": 200}, format="png"
    )

    assert made.size == (200, 400)
    assert near(color(made, 0.9, 0.1), RED)
    assert near(color(part, 0.5, 0.5), RED)


def test_metadata_stays_behind_unless_it_is_asked_for(make: Renditions) -> None:
    exif = Image.Exif()
    exif[0x010E] = "at home"
    source = encoded(quarters(), "JPEG", exif=exif)

    plain, kept = make.picture(source), make.picture(source, keep_metadata=True)

    assert "exif" not in plain.info
    assert b"at home" in kept.info["exif"]


def test_colors_of_another_space_are_brought_into_srgb(make: Renditions) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    gray = Image.new("L", (40, 40), 128)
    cmyk = Image.new("CMYK", (40, 40), (0, 255, 255, 0))

    assert "icc_profile" not in make.picture(encoded(quarters(), icc_profile=profile)).info
    assert near(color(make.picture(encoded(gray), format="png"), 0, 0), (128, 128, 128), 2)
    red = color(make.picture(encoded(cmyk, "JPEG"), format="png"), 0.5, 0.5)
    assert red[0] > 180
    assert max(red[1:]) < 80
    assert make.picture(encoded(quarters(), icc_profile=b"no profile"), format="png").size


def test_sixteen_bits_become_eight(make: Renditions) -> None:
    deep = Image.fromarray(np.full((40, 40), 32_768, dtype=np.uint16))

    assert near(color(make.picture(encoded(deep), format="png"), 0, 0), (128, 128, 128), 2)


def test_last_touches(make: Renditions) -> None:
    source = encoded(quarters())

    gray = make.picture(source, grayscale=True, format="png")
    soft = make.picture(source, blur=20, format="png")
    crisp = make.picture(source, sharpen=True, width=100, format="png")

    assert gray.mode == "L"
    assert not near(color(soft, 0.49, 0.25), RED, 60)
    assert crisp.size == (100, 50)


def test_a_responsive_set_is_the_widest_first_and_no_wider_than_the_original(
    make: Renditions,
) -> None:
    made = make(encoded(quarters()), widths=[100, 300, 100, 5000], format="jpeg")

    assert [file.filename for file in made] == ["picture-300.jpeg", "picture-100.jpeg"]
    assert [file.role for file in made] == [Role.PRIMARY, Role.VARIANT]
    assert [shown(file.path).size for file in made] == [(300, 150), (100, 50)]
    [only] = make(encoded(quarters()), widths=[5000])
    assert shown(only.path).width == 400


def test_large_photos_are_made_smaller_while_they_are_decoded(make: Renditions) -> None:
    source = encoded(quarters(3200, 1600), "JPEG")

    [made] = make(source, width=90)

    assert made.provenance["decoded"] == [400, 200]
    assert shown(made.path).size == (90, 45)
    assert make(source)[0].provenance["decoded"] == [3200, 1600]


def test_a_page_of_a_document_is_a_picture(make: Renditions) -> None:
    assert make.picture(document(), height=842).size == (595, 842)
    assert make.picture(document(), page=2, width=300).size == (300, 475)
    assert make.picture(document()).height == 1600


@pytest.mark.parametrize(
    ("at", "shade"), [(0, 60), (0.95, 60), (1.05, 120), (2.9, 180), (99, 180), (None, 60)]
)
def test_a_moment_of_a_film_is_a_picture(make: Renditions, at: float | None, shade: int) -> None:
    asked = {} if at is None else {"at": at}

    made = make.picture(film(), format="png", **asked)

    assert made.size == (320, 180)
    assert at is None or near(color(made, 0.5, 0.5), (shade, shade, shade), 4)


def bars(shape: str = "1:1", *, on_its_side: bool = False) -> bytes:
    """A film of quarters; shown in another shape, or turned, if its header says so."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as file:
        stream: Any = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(*map(int, shape.split(":")))
        for _ in range(3):
            pixels = np.asarray(quarters(320, 180))
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    content = bytearray(made.getvalue())
    if on_its_side:
        place = content.index(b"tkhd") + 4 + 40
        turned = (0, 1 << 16, 0, -(1 << 16), 0, 0, 180 << 16, 0, 1 << 30)
        content[place : place + 36] = struct.pack(">9i", *turned)
    return bytes(content)


def test_a_film_that_was_taken_upright_stands_upright(make: Renditions) -> None:
    made = make.picture(bars(on_its_side=True), format="png")

    assert made.size == (180, 320)
    assert near(color(made, 0.9, 0.1), RED, 30)


def test_a_film_of_wide_pixels_is_shown_wide(make: Renditions) -> None:
    assert make.picture(bars("2:1"), format="png").size == (640, 180)


def test_an_animation_is_its_first_picture_or_the_one_asked_for(make: Renditions) -> None:
    frames = [Image.new("RGB", (40, 30), shade) for shade in ("#d00000", "#0000d0")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert near(color(make.picture(moving, format="png"), 0.5, 0.5), RED)
    assert near(color(make.picture(moving, format="png", page=2), 0.5, 0.5), BLUE)
    with pytest.raises(InvalidInputError, match="no page 3"):
        make(moving, page=3)


def test_a_placeholder_is_all_that_a_page_can_show_before_the_picture(make: Renditions) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    [made] = make(encoded(quarters(), "JPEG", exif=exif, quality=95), operation="placeholder")

    told = json.loads(made.path.read_text())
    assert (told["width"], told["height"], told["aspect_ratio"]) == (200, 400, 0.5)
    assert len(told["thumbhash"]) <= 36
    assert told["data_url"].startswith("data:image/webp;base64,")
    assert len(told["data_url"]) < 600
    assert [one["share"] for one in told["colors"][:4]] == pytest.approx([0.25] * 4, abs=0.02)


def test_placeholders_of_what_moves_and_of_pages(make: Renditions) -> None:
    frames = [Image.new("RGB", (40, 30), shade) for shade in ("#d00000", "#0000d0")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

    def colors(source: bytes, **more: Any) -> list[str]:
        told = json.loads(make(source, operation="placeholder", **more)[0].path.read_text())
        return [one["color"] for one in told["colors"]]

    assert colors(moving, page=2) == ["#0000d0"]
    assert colors(document()) == ["#ffffff"]
    assert len(colors(film(), at=1.5)) == 1
    assert colors(film())
    assert colors(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)))) == []
    with pytest.raises(InvalidInputError, match="no page 3"):
        colors(moving, page=3)


def test_progress_is_told(make: Renditions) -> None:
    make(encoded(quarters()), widths=[50, 100])

    assert [message for _, message in make.told] == [
        "Decoding",
        *["Resizing and encoding"] * 2,
    ]


def test_a_picture_is_not_larger_than_its_format_takes(make: Renditions) -> None:
    strip = encoded(Image.new("L", (20_000, 10)))
    wide = encoded(Image.new("1", (5000, 4000)))

    with pytest.raises(InvalidInputError, match="16,383"):
        make(strip)
    with pytest.raises(InvalidInputError, match="16 megapixels"):
        make(wide, format="avif")
    assert io.BytesIO(make(strip, format="png")[0].path.read_bytes()).getbuffer()
