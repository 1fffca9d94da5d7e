"""Thumbnails and placeholders: of whatever can be seen, and of nothing that is too dangerous."""

import io
import struct
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import av
import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageCms

from services.generator.derivation import any_visual, derive, films, pages
from services.generator.derivation.deriving import MOST_FILES, MOST_PICTURES
from services.generator.derivation.looking import Look, MadeFiles
from shared.generators import AssetFile, GeneratorContext, Role


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that does not compress."""
    random = np.random.default_rng(5)
    bands = len(Image.new(mode, (1, 1)).getbands())
    values = random.integers(0, 255, (height, width, bands), dtype=np.uint8)
    return Image.fromarray(values.squeeze(), mode)


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, format=kind, **options)
    return made.getvalue()


def result(content: bytes, name: str = "made.bin", role: Role = Role.PRIMARY) -> AssetFile:
    return AssetFile.of_bytes(content, name, role)


def shown(file: AssetFile) -> Image.Image:
    assert file.content is not None
    picture = Image.open(io.BytesIO(file.content))
    assert picture.format == "WEBP"
    return picture


def film(seconds: float = 2.0, **options: str) -> bytes:
    """Black for the first fifth, then bars."""
    made = io.BytesIO()
    with av.open(made, "w", format="mp4", options=options) as file:
        stream: Any = file.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(int(seconds * 10)):
            picture = np.zeros((360, 640, 3), dtype=np.uint8)
            if number >= seconds * 2:
                picture[:, ::2] = 255
                picture[:180] //= 2
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                file.mux(packet)
        for packet in stream.encode(None):
            file.mux(packet)
    return made.getvalue()


def document(width: float = 595, height: float = 842) -> bytes:
    made = io.BytesIO()
    with pypdfium2.PdfDocument.new() as pdf:
        pdf.new_page(width, height)
        pdf.save(made)
    return made.getvalue()


def bomb(width: int = 40_000, height: int = 40_000) -> bytes:
    """A small PNG of 1.6 gigapixels."""
    squeezer = zlib.compressobj(9)
    row = bytes(1 + width // 8)
    rows = b"".join(squeezer.compress(row * 100) for _ in range(height // 100))
    rows += squeezer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(1200, 630, (512, 269)), (630, 1200, (269, 512)), (513, 20, (512, 20)), (4000, 2, (512, 1))],
)
def test_a_picture_gets_a_thumbnail_and_a_placeholder(
    width: int, height: int, expected: tuple[int, int]
) -> None:
    primary, thumbnail = derive([result(encoded(noise(width, height)), "card.png")])

    assert primary.placeholder
    assert thumbnail.role is Role.THUMBNAIL
    assert thumbnail.filename == "thumbnail.webp"
    assert thumbnail.provenance["made_from"] == "card.png"
    assert shown(thumbnail).size == expected


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF"])
def test_every_kind_of_picture_is_decoded(kind: str) -> None:
    primary, thumbnail = derive([result(encoded(noise(700, 500), kind))])

    assert primary.placeholder
    assert shown(thumbnail).size == (512, 366)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_pixels_is_understood(mode: str) -> None:
    if mode in {"I;16", "I", "F"}:
        values = np.linspace(0, 65_535, 600 * 300).reshape(300, 600)
        picture = Image.fromarray(values.astype({"I;16": "uint16"}.get(mode, "float32")))
        picture = picture if mode == "I;16" else picture.convert(mode)
    else:
        picture = noise(600, 300).convert(mode)

    thumbnail = derive([result(encoded(picture, "TIFF"))])[-1]

    pixels = np.asarray(shown(thumbnail).convert("L"), dtype=float)
    assert 80 < pixels.mean() < 180
    assert pixels.std() > 5


def test_what_is_see_through_stays_so() -> None:
    glass = Image.new("RGBA", (600, 600), (200, 30, 30, 90))
    window = Image.new("RGBA", (600, 600), (0, 0, 0, 0)).convert("P")

    for picture in (glass, window):
        thumbnail = derive([result(encoded(picture, "PNG"))])[-1]
        assert shown(thumbnail).mode == "RGBA"


def test_a_photo_that_was_taken_upright_is_shown_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    thumbnail = derive([result(encoded(noise(1000, 500), "JPEG", exif=exif))])[-1]

    assert shown(thumbnail).size == (256, 512)


def test_colors_of_another_space_are_brought_into_srgb() -> None:
    lab = ImageCms.createProfile("LAB")
    odd = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = Image.new("RGB", (600, 600), (10, 200, 30))

    for profile in (odd, ImageCms.ImageCmsProfile(lab).tobytes(), b"no profile"):
        thumbnail = derive([result(encoded(picture, "PNG", icc_profile=profile))])[-1]
        assert max(abs(a - b) for a, b in zip(middle(thumbnail), (10, 200, 30), strict=True)) < 8


def middle(file: AssetFile) -> tuple[int, int, int]:
    picture = shown(file).convert("RGB")
    red, green, blue = np.asarray(picture)[picture.height // 2, picture.width // 2].tolist()
    return red, green, blue


def test_a_small_picture_is_its_own_thumbnail() -> None:
    [only] = derive([result(encoded(Image.new("RGB", (512, 512), "navy")))])

    assert only.placeholder


def test_a_small_picture_that_is_heavy_gets_a_lighter_one() -> None:
    heavy = encoded(noise(300, 300))
    light = encoded(noise(300, 300), "WEBP", quality=1)

    assert len(derive([result(heavy)])) == 2
    assert len(derive([result(light + bytes(40_000 - len(light)))])) == 1


def test_a_film_shows_the_first_of_it_that_is_not_black() -> None:
    primary, thumbnail = derive([result(film(), "film.mp4")])

    assert primary.placeholder
    assert shown(thumbnail).size == (512, 288)
    assert np.asarray(shown(thumbnail).convert("L")).mean() > 40


def test_a_document_shows_its_first_page() -> None:
    primary, thumbnail = derive([result(document())])

    assert primary.placeholder
    assert shown(thumbnail).size == (362, 512)


def test_what_brings_its_own_thumbnail_keeps_it() -> None:
    own = result(encoded(noise(64, 64)), "own.png", Role.THUMBNAIL)

    primary, kept = derive([result(encoded(noise(800, 800))), own])

    assert kept.content == own.content
    assert primary.placeholder
    assert kept.placeholder


def test_a_placeholder_that_is_there_already_is_kept() -> None:
    made = AssetFile(Path("a.png"), content=encoded(noise(64, 64)), placeholder="kept")

    assert derive([made])[0].placeholder == "kept"


def test_a_picture_that_is_at_hand_is_not_decoded_again() -> None:
    made = AssetFile(Path("a.png"), content=b"\x89PNG\r\n\x1a\n", picture=noise(900, 600))

    primary, thumbnail = derive([made])

    assert primary.placeholder
    assert shown(thumbnail).size == (512, 341)


def test_a_drawing_is_shown_by_the_picture_of_it_that_is_at_hand() -> None:
    drawing = AssetFile(Path("a.svg"), content=b"<svg/>", picture=noise(900, 600))

    assert any_visual([drawing])
    primary, thumbnail = derive([drawing])

    assert primary.placeholder
    assert shown(thumbnail).size == (512, 341)


def test_every_picture_gets_a_placeholder_and_only_the_first_a_thumbnail() -> None:
    pictures = [result(encoded(noise(600, 10))) for _ in range(3)]
    sound = result(b"ID3\4" + bytes(20))

    made = derive([sound, *pictures])

    assert [bool(file.placeholder) for file in made] == [False, True, True, True]
    assert [file.role for file in derive(pictures)].count(Role.THUMBNAIL) == 1


def test_many_pictures_are_not_all_decoded() -> None:
    made = derive([result(encoded(noise(8, 8)))] * MOST_FILES)

    assert sum(file.placeholder is not None for file in made) == MOST_PICTURES
    assert len(made) == MOST_FILES


def test_files_on_disk_are_looked_at_too(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(encoded(noise(600, 600)))

    assert len(derive([AssetFile(path)])) == 2
    assert derive([AssetFile(tmp_path / "missing.png")]) == [AssetFile(tmp_path / "missing.png")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (bomb(), "40000 x 40000 pixels"),
        (encoded(noise(600, 600), "JPEG")[:20_000], "not whole"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "header"),
        (b"GIF89a", "header"),
        (film()[:300], "header"),
        (b"%PDF-1.7 is what it says", "no PDF"),
        (b"\x1aE\xdf\xa3webm" + bytes(100), "header"),
    ],
    ids=["bomb", "cut", "png", "gif", "mp4", "pdf", "webm"],
)
def test_what_cannot_be_decoded_is_a_result_all_the_same(
    content: bytes, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = AssetFile(Path("a"), provenance={"seed": 1}, content=content)

    [only] = derive([made])

    assert only.content == content
    assert only.placeholder is None
    assert reason in only.provenance["not_decoded"]
    assert only.provenance["seed"] == 1
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize(("module", "content"), [(films, film(0.2)), (pages, document())])
def test_a_machine_that_lacks_the_decoder_says_how_to_get_it(
    module: ModuleType, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "lacks_packages", lambda *_, extra: f"needs darkroom[{extra}]")

    [only] = derive([result(content)])

    assert "needs darkroom[rendition]" in only.provenance["not_decoded"]


def test_a_film_that_breaks_off_before_its_first_picture_is_a_result() -> None:
    whole = film()
    broken = whole[: whole.index(b"mdat") + 4] + bytes(len(whole) - whole.index(b"mdat") - 4)
    moved = film(movflags="frag_keyframe+empty_moov")
    cut = moved[: moved.index(b"mdat") + 10]

    for content in (broken, cut):
        [only] = derive([result(content)])
        assert only.provenance["not_decoded"]


def test_a_sound_in_the_frame_of_a_film_has_no_picture() -> None:
    made = io.BytesIO()
    with av.open(made, "w", format="mp4") as file:
        stream: Any = file.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((2, 4096), np.float32), format="fltp")
        frame.sample_rate = 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            file.mux(packet)

    [only] = derive([result(made.getvalue())])

    assert only.provenance["not_decoded"] == "has no picture"


def test_huge_pages_are_shown_small() -> None:
    thumbnail = derive([result(document(14_400, 7200))])[-1]

    assert shown(thumbnail).size == (512, 256)


@pytest.mark.parametrize(
    ("content", "visual"),
    [
        (b"ok", False),
        (b"", False),
        ("\N{SNOWMAN} melts".encode(), False),
        (b"<svg/>", False),
        (b"ID3\4", False),
        (b"%PDF-1.4", True),
        (b"GIF89a", True),
        (encoded(noise(2, 2)), True),
        (encoded(noise(2, 2), "TIFF"), True),
        (film(0.2), True),
    ],
)
def test_what_can_be_seen_is_told_before_anything_is_decoded(content: bytes, visual: bool) -> None:
    assert any_visual([result(b"text"), result(content)]) is visual


async def test_who_looks_hands_back_what_it_was_given(tmp_path: Path) -> None:
    told: dict[str, Any] = {"files": [{"path": str(tmp_path / "a.png"), "role": "preview"}]}
    context = GeneratorContext(UUID(int=1), 1, tmp_path)

    [file] = await Look().generate(MadeFiles.model_validate(told), context)

    assert (file.path, file.role) == (tmp_path / "a.png", Role.PREVIEW)
