"""QR codes say what they were asked to say, to a reader that is not ours."""

import io
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from services.generator.generators.rendition.rules import contrast_of
from shared.errors import InvalidInputError
from shared.media import sniff
from tests.unit.generators.renditions import Renditions, encoded, quarters, shown

TEXT = "https://example.com/menu?table=12"


@pytest.fixture
def make(tmp_path: Path) -> Renditions:
    return Renditions(tmp_path)


def read(picture: Image.Image) -> str:
    [found] = zxingcpp.read_barcodes(picture.convert("L"))
    return str(found.text)


def drawn(path: Path) -> Image.Image:
    """As a browser would show it."""
    import pyvips

    return Image.open(io.BytesIO(pyvips.Image.svgload(str(path)).pngsave_buffer()))


@pytest.mark.parametrize("style", ["square", "rounded", "dots"])
@pytest.mark.parametrize("logo", [None, encoded(quarters())])
def test_a_code_can_be_read_as_it_hangs_on_a_wall(
    make: Renditions, style: str, logo: bytes | None
) -> None:
    [made] = make(
        logo,
        operation="qr",
        text=TEXT,
        modules=style,
        format="png",
        color="#1b1f3b",
        background="#fff7ea",
    )

    picture = shown(made.path)
    blurred = picture.rotate(12, fillcolor="white", expand=True).filter(ImageFilter.BoxBlur(3))
    assert picture.size == (1024, 1024)
    assert read(picture) == TEXT
    assert read(blurred.resize((400, 400))) == TEXT


@pytest.mark.parametrize(
    "text",
    ["1", "日本語のテキスト 🚀", "BEGIN:VCARD\nFN:Ada Lovelace\nEND:VCARD", "x" * 1200, "grün"],
)
def test_a_code_says_any_text(make: Renditions, text: str) -> None:
    [made] = make(operation="qr", text=text, format="webp", error_level="L")

    assert read(shown(made.path)) == text


def test_controls_do_not_get_into_a_code(make: Renditions) -> None:
    [made] = make(operation="qr", text="  a\u202eb\x00c\u200b ", format="png")

    assert read(shown(made.path)) == "abc"


def test_a_code_with_a_logo_can_lose_more(make: Renditions) -> None:
    plain = make(operation="qr", text=TEXT)[0].provenance
    with_logo = make(encoded(quarters()), operation="qr", text=TEXT)[0].provenance

    assert (plain["error_level"], with_logo["error_level"]) == ("M", "H")


def test_a_drawing_has_whole_modules_and_carries_its_logo(make: Renditions) -> None:
    for style in ("square", "rounded", "dots"):
        [made] = make(encoded(quarters()), operation="qr", text=TEXT, modules=style)

        assert sniff(made.path) == "image/svg+xml"
        assert "data:image/png;base64," in made.path.read_text()
        assert made.path.read_text().startswith("<svg ")


@pytest.mark.parametrize("border", [0, 4, 16])
def test_the_border_is_free(make: Renditions, border: int) -> None:
    [made] = make(
        operation="qr", text="hi", format="png", border=border, width=(21 + 2 * border) * 8
    )

    picture = shown(made.path).convert("L")
    first = next(x for x in range(picture.width) if picture.getpixel((x, border * 8 + 4)) == 0)
    assert first == border * 8


def test_what_does_not_fit_is_told_with_what_to_do(make: Renditions) -> None:
    with pytest.raises(InvalidInputError, match="shorten it, or take a lower level"):
        make(operation="qr", text="ä" * 1000, error_level="H")
    with pytest.raises(InvalidInputError, match="58 pixels at least"):
        make(operation="qr", text="hi", width=57)


def test_contrast_is_what_the_guidelines_count() -> None:
    assert contrast_of("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_of("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
