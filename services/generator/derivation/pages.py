"""A page of a PDF as a picture, by PDFium, which runs no scripts here and opens no other file."""

import math
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from services.generator.derivation.opening import UndecodableError, check_pixels
from shared.generators.needs import lacks_packages


def page_picture(
    source: Path | BinaryIO,
    number: int,
    *,
    longest: int,
    width: int | None = None,
    height: int | None = None,
) -> Image.Image:
    """Page `number`, from 1, as wide and as high as it is to be at least; else `longest` pixels.

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
            across, down = (max(points, 0.1) for points in page.get_size())
            scale = max((width or 0) / across, (height or 0) / down) or longest / max(across, down)
            check_pixels(math.ceil(across * scale), math.ceil(down * scale))
            picture: Image.Image = page.render(scale=scale).to_pil()
            return picture.convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise UndecodableError(_reason(str(error))) from error


def _reason(said: str) -> str:
    if "password" in said.lower():
        return "is protected by a password"
    return "is no PDF that can be read"
