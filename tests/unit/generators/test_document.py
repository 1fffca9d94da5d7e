"""The document generator as its caller sees it: what stands on the pages, and what they are."""

import asyncio
import io
import re
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pypdfium2
import pytest
from PIL import Image
from pypdfium2 import raw

from services.generator.generators.document import DocumentGenerator
from services.generator.generators.document.inks import inks
from shared.errors import InvalidInputError
from shared.generators import AssetFile, GeneratorContext, InputFile, Role
from tests.unit.generators.test_document_conformance import CERTIFICATE, INVOICE, LETTER, REPORT

ASSET: Final = "0199c3a0-0000-7000-8000-000000000001"
WORD: Final = "Donaudampfschifffahrtsgesellschaftskapitän" * 5


def set_(scratch: Path, picture: bytes | None = None, **asked: Any) -> list[AssetFile]:
    inputs = {}
    if picture is not None:
        path = scratch / "input"
        path.write_bytes(picture)
        inputs[ASSET] = InputFile(path, "image/png", "5" * 64, len(picture))
    context = GeneratorContext(UUID(int=0), 7, scratch, inputs=inputs)
    parsed = DocumentGenerator.input_model.model_validate(asked)
    return asyncio.run(DocumentGenerator().generate(parsed, context))


def text_of(file: AssetFile) -> list[str]:
    with pypdfium2.PdfDocument(file.path) as pdf:
        return [
            page.get_textpage().get_text_range().replace("\u200b", "").replace("\r\n", "\n")
            for page in pdf
        ]


def embedded(file: AssetFile) -> set[int]:
    """For each text on the pages, whether the file brings its font."""
    with pypdfium2.PdfDocument(file.path) as pdf:
        return {
            raw.FPDFFont_GetIsEmbedded(raw.FPDFTextObj_GetFont(thing.raw))
            for page in pdf
            for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT])
        }


def picture(mode: str = "RGB", kind: str = "PNG", size: tuple[int, int] = (60, 40)) -> bytes:
    body = io.BytesIO()
    Image.new(mode, size, (200, 30, 30, 90)[: len(mode)]).save(body, kind)
    return body.getvalue()


def report(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return REPORT | {"sections": [{"heading": "One", "blocks": list(blocks)}]} | more


def test_an_invoice_says_what_it_is_about_and_what_it_comes_to(tmp_path: Path) -> None:
    pdf, preview = set_(tmp_path, **DocumentGenerator.example)

    (page,) = text_of(pdf)
    for said in (
        "Northwind GmbH", "Contoso Ltd", "2026-0117", "2\u00a0March 2026", "16\u00a0March 2026",
        "12.5\u00a0h", "1,187.50", "356.00", "€1,543.50", "VAT 19% on €1,187.50", "€225.63",
        "VAT 7% on €356.00", "€24.92", "€1,794.05", "DE89 3704 0044 0532 0130 00", "Page 1 of 1",
    ):  # fmt: skip
        assert said.replace("\u00a0", " ") in page.replace("\u00a0", " ")
    assert (pdf.role, preview.role) == (Role.PRIMARY, Role.PREVIEW)
    with Image.open(preview.path) as first:
        assert first.size[0] == pytest.approx(1240, abs=1)
        assert first.mode == "RGB"


def test_a_long_invoice_repeats_its_head_and_numbers_its_pages(tmp_path: Path) -> None:
    lines = [
        {"description": f"Article {at}", "unit_price": 1.5, "tax_rate": 20} for at in range(99)
    ]

    pdf, _ = set_(tmp_path, kind="invoice", locale="fr", invoice=INVOICE | {"lines": lines})

    pages = text_of(pdf)
    assert pdf.provenance["pages"] == len(pages) > 2
    assert all("Désignation" in page for page in pages[:-1])
    assert all(f"Page {at + 1} sur {len(pages)}" in page for at, page in enumerate(pages))
    assert all(re.search(rf"Article {at}\b", "".join(pages)) for at in range(99))


def test_what_users_say_is_never_a_program(tmp_path: Path) -> None:
    trap = '#read("/etc/passwd") $x$ *bold* @ref <label> #import "parts.typ": * \\ [x]'

    pdf, _ = set_(
        tmp_path,
        kind="letter",
        letter=LETTER | {"paragraphs": [trap], "subject": trap},
    )

    assert text_of(pdf)[0].count('#read("/etc/passwd")') == 2


@pytest.mark.parametrize("kind", ["invoice", "certificate", "report", "letter"])
@pytest.mark.parametrize(
    ("standard", "mark"),
    [
        ("pdf-a-2b", b"<pdfaid:part>2</pdfaid:part>"),
        ("pdf-ua-1", b"<pdfuaid:part>1</pdfuaid:part>"),
    ],
)
def test_a_standard_is_declared_and_fonts_are_embedded(
    kind: str, standard: str, mark: bytes, tmp_path: Path
) -> None:
    parts = {"invoice": INVOICE, "certificate": CERTIFICATE, "report": REPORT, "letter": LETTER}
    asked: dict[str, Any] = {"kind": kind, "standard": standard, kind: parts[kind]}

    pdf, _ = set_(tmp_path, **asked)

    body = pdf.path.read_bytes()
    assert mark in body
    assert pdf.provenance["standard"] == standard
    assert embedded(pdf) == {1}


@pytest.mark.parametrize("style", ["classic", "modern", "prestige", "botanical"])
def test_a_certificate_is_one_page_whatever_it_says(style: str, tmp_path: Path) -> None:
    long = {
        "style": style, "recipient": WORD[:100], "heading": "Certificate " * 6,
        "preamble": "p " * 79, "text": WORD[:150] + " w" * 200, "place": WORD[:60],
        "issuer": WORD[:99], "serial": "s" * 60, "date": "2026-01-01",
        "signatures": [{"name": WORD[:59], "role": WORD[:79], "image": ASSET}] * 3,
    }  # fmt: skip

    pdf, _ = set_(
        tmp_path, picture("RGBA"), kind="certificate", certificate=long, logo=ASSET, paper="letter"
    )

    assert pdf.provenance["pages"] == 1
    assert pdf.provenance["inputs"] == {ASSET: "5" * 64}
    with pypdfium2.PdfDocument(pdf.path) as document:
        width, height = document[0].get_size()
    assert (round(width), round(height)) == (792, 612)


def test_a_report_has_contents_blocks_and_pictures(tmp_path: Path) -> None:
    chart = {"kind": "bar", "title": "Revenue", "labels": ["a"], "series": [{"values": [1]}]}
    blocks = (
        {"text": "First.\n\nSecond\nline."},
        {"type": "quote", "text": "Said."},
        {"type": "callout", "text": "Noted."},
        {"type": "bullets", "items": ["dot"]},
        {"type": "numbers", "items": ["one", "two"]},
        {"type": "table", "columns": ["Name", "Value"], "rows": [["x", "1.5"]], "caption": "Tab"},
        {"type": "table", "rows": [["1", "2"]]},
        {"type": "break"},
        {"type": "image", "image": ASSET, "caption": "Fig", "alt": "red"},
        {"type": "chart", "chart": chart},
    )

    pdf, _ = set_(
        tmp_path,
        picture(kind="JPEG"),
        kind="report",
        locale="de",
        report=report(*blocks, summary="In short.", subtitle="Sub", author="Me"),
    )

    title, contents, first, second = text_of(pdf)
    assert "Small" in title
    assert "1. Januar 2026" in title.replace("\u00a0", " ")
    assert all(said in contents for said in ("Zusammenfassung", "In short.", "Inhalt", "One"))
    for said in ("First.", "Second", "Said.", "Noted.", "dot", "two", "Tabelle 1", "1.5"):
        assert said in first
    assert "Abbildung 1" in second


def test_a_letter_says_everything(tmp_path: Path) -> None:
    full = LETTER | {
        "place": "Hamburg", "reference": "NW/17", "salutation": "Dear all,",
        "closing": "Yours", "enclosures": ["A list"],
        "signature": {"name": "Grace", "role": "Boss"},
    }  # fmt: skip

    pdf, _ = set_(tmp_path, kind="letter", letter=full)

    page = text_of(pdf)[0].replace("\u00a0", " ")
    for said in ("Hamburg, 1 January 2026", "NW/17", "Dear all,", "Yours", "Grace", "A list"):
        assert said in page


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "LA", "CMYK"])
def test_pictures_of_any_mode_are_taken(mode: str, tmp_path: Path) -> None:
    body = picture(mode, "JPEG" if mode == "CMYK" else "PNG")

    pdf, _ = set_(tmp_path, body, kind="letter", letter=LETTER, logo=ASSET, standard="pdf-a-2b")

    assert pdf.path.stat().st_size > 1000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo: this is no picture"),
        (picture()[:60], "logo: this is no picture"),
        (picture("L", size=(10_000, 5_001)), "logo: 10000 x 5001 pixels are too many"),
    ],
)
def test_what_is_no_picture_is_refused_by_the_name_of_its_field(
    body: bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError, match=said):
        set_(tmp_path, body, kind="letter", letter=LETTER, logo=ASSET)


def test_what_a_picture_says_beside_itself_is_not_passed_on(tmp_path: Path) -> None:
    body = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    Image.new("RGB", (50, 50)).save(body, "JPEG", exif=exif)

    pdf, _ = set_(tmp_path, body.getvalue(), kind="letter", letter=LETTER, logo=ASSET)

    assert b"a secret place" not in pdf.path.read_bytes()


def test_characters_that_no_font_has_are_left_out_and_said_so(tmp_path: Path) -> None:
    pdf, _ = set_(tmp_path, kind="letter", letter=LETTER | {"paragraphs": ["a\U00013000b 日本 🚀"]})

    assert pdf.provenance["omitted_characters"] == "\U00013000"
    assert "ab 日本" in text_of(pdf)[0]
    assert {len(digest) for digest in pdf.provenance["fonts"].values()} == {64}


def test_long_words_stay_on_the_page(tmp_path: Path) -> None:
    line = {"description": WORD, "details": WORD, "unit_price": 999_999_999.999, "quantity": -9e5}
    party = {"name": WORD[:120], "address": [WORD[:100]] * 6, "email": WORD[:120]}
    asked = INVOICE | {"lines": [line], "seller": party, "buyer": party, "number": WORD[:40]}

    pdf, _ = set_(tmp_path, kind="invoice", invoice=asked)

    with pypdfium2.PdfDocument(pdf.path) as document:
        for page in document:
            width, height = page.get_size()
            for thing in page.get_objects():
                left, bottom, right, top = thing.get_bounds()
                assert left >= 0
                assert right <= width
                assert bottom >= 0
                assert top <= height


def test_a_signature_is_light_on_a_dark_ground(tmp_path: Path) -> None:
    signed = CERTIFICATE | {"style": "prestige", "signatures": [{"name": "A", "image": ASSET}]}

    pdf, _ = set_(tmp_path, picture("RGBA"), kind="certificate", certificate=signed)

    with pypdfium2.PdfDocument(pdf.path) as document:
        (drawn,) = document[0].get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])
        color = drawn.get_bitmap().to_pil().convert("RGB").getpixel((30, 20))
    assert color == (0xF3, 0xED, 0xDD)


def test_a_bright_accent_is_darkened_for_text() -> None:
    assert inks("#facc15")["accent"] == "#facc15"
    assert inks("#facc15")["over"] == "#14161a"
    assert inks("#facc15")["strong"] < "#facc15"
    assert inks("#1f4fa3")["strong"] == "#1f4fa3"


def test_it_says_what_it_needs() -> None:
    assert DocumentGenerator.unavailable() is None
