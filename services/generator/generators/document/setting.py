"""A document set by Typst: data, pictures and our templates in one folder, fonts in another."""

import io
import shutil
import tempfile
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final

import pypdfium2

from services.generator.generators.document import invoicing, lettered, locales, reporting, wording
from services.generator.generators.document.inks import inks
from services.generator.generators.document.inputs import DocumentInput
from services.generator.generators.document.pictures import Pictures
from services.generator.generators.typography.faces import Face, FontChoice
from services.generator.generators.typography.pictographs import pictographs
from services.generator.generators.typography.typesetting import PdfStandard, typeset
from shared.generators import GeneratorContext

TEMPLATES: Final = Path(__file__).parent / "templates"

_STANDARDS: Final[dict[str, tuple[PdfStandard, ...]]] = {
    "pdf": (),
    "pdf-a-2b": ("a-2b",),
    "pdf-ua-1": ("ua-1",),
}
_SERIFS: Final = {"classic", "prestige", "botanical"}
_PREVIEW_WIDTH: Final = 1240


class Desk:
    """Where one document is put together: a folder with what its template may read."""

    def __init__(self, document: DocumentInput, context: GeneratorContext) -> None:
        self._document = document
        self._scratch = context.scratch
        self._folder = Path(tempfile.mkdtemp(dir=context.scratch))
        shutil.copytree(TEMPLATES, self._folder, dirs_exist_ok=True)
        self._pictures = Pictures(context, self._folder)
        data = self._described()
        self.fonts: FontChoice = wording.fonts_for(data, self._face())
        self._data = wording.settable(data, self.fonts)

    @property
    def provenance(self) -> dict[str, Any]:
        """What it is made from."""
        return {
            "fonts": self.fonts.hashes(),
            "omitted_characters": self.fonts.omitted,
            "standard": self._document.standard,
            "inputs": self._pictures.hashes,
        }

    def pdf(self) -> bytes:
        """The document. The date inside is its own: the same input is the same file."""
        (body,) = typeset(
            self._folder / f"{self._document.kind}.typ",
            self._data
            | {
                "fallback": list(self.fonts.fallback),
                "pictographs": pictographs(self.fonts),
                "inks": inks(self._document.accent),
            },
            self.fonts,
            self._scratch,
            format="pdf",
            pdf_standards=_STANDARDS[self._document.standard],
            date=datetime.combine(self._document.date, time(), UTC),
        )
        return body

    def _face(self) -> Face:
        certificate = self._document.certificate
        return "serif" if certificate and certificate.style in _SERIFS else "sans"

    def _described(self) -> dict[str, Any]:
        document = self._document
        logo = self._pictures.add(document.logo, "logo") if document.logo else None
        data = self._part()
        return data | {
            "logo": logo,
            "lang": document.locale,
            "paper": "a4" if document.paper == "a4" else "us-letter",
            "words": locales.words(document.locale),
        }

    def _part(self) -> dict[str, Any]:
        document, pictures = self._document, self._pictures
        if document.invoice:
            invoice = document.invoice
            code = invoicing.code(invoice)
            drawn = pictures.add_bytes(_qr(code), "svg") if code else None
            return invoicing.described(invoice, document.locale) | {"code": drawn}
        if document.certificate:
            return lettered.certificate(document.certificate, document.locale, pictures)
        if document.letter:
            return lettered.letter(document.letter, document.locale, pictures)
        assert document.report is not None
        return reporting.described(document.report, document.locale, pictures, self._scratch)


def _qr(content: str) -> bytes:
    import segno  # noqa: PLC0415 - only invoices with a code need it

    body = io.BytesIO()
    code = segno.make(content, error="m", micro=False, boost_error=False, encoding="utf-8")
    code.save(body, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None)
    return body.getvalue()


def preview(pdf: bytes) -> bytes:
    """The first page as PNG."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        picture = page.render(scale=_PREVIEW_WIDTH / page.get_width()).to_pil().convert("RGB")
    body = io.BytesIO()
    picture.save(body, "PNG", optimize=True)
    return body.getvalue()


def pages(pdf: bytes) -> int:
    """How many pages it has."""
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)
