"""A page of a PDF as a picture, by PDFium, which runs no scripts here and opens no other file."""

from pathlib import Path
from typing import BinaryIO, Final

from PIL import Image

from services.generator.derivation.opening import UndecodableError, check_pixels
from shared.generators.needs import lacks_packages

_POINTS_PER_INCH: Final = 72


def page_picture(
    source: Path | BinaryIO, number: int, *, longest: int | None = None, dpi: float = 144
) -> Image.Image:
    """Page `number`, from 1: so many pixels on its longer side, or so many to an inch.

    Raises `UndecodableError`.
    """
    if missing := lacks_packages("pypdfium2", extra="rendition"):
        raise UndecodableError(f"cannot be decoded here, which {missing}")
    import pypdfium2  # noqa: PLC0415 - an extra

    try:
        with pypdfium2.PdfDocument(source) as document:
            if number > len(document):
                raise UndecodableError(f"has {len(document)} pages, and no page {number}")
            page = document[number - 1]
            width, height = page.get_size()
            scale = longest / max(width, height, 1) if longest else dpi / _POINTS_PER_INCH
            check_pixels(int(width * scale), int(height * scale))
            picture: Image.Image = page.render(scale=scale).to_pil()
            return picture.convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise UndecodableError(_reason(str(error))) from error


def _reason(said: str) -> str:
    if "password" in said.lower():
        return "is protected by a password"
    return "is no PDF that can be read"
