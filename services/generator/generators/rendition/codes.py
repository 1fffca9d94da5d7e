"""The operation `qr`: a QR code (ISO/IEC 18004), with a logo in the middle where one is given."""

import base64
from io import BytesIO
from time import perf_counter
from typing import Any, Final, NamedTuple

import segno
from PIL import Image

from services.generator.derivation import opening
from services.generator.derivation.visuals import PICTURES
from services.generator.generators.rendition import drawing, modules
from services.generator.generators.rendition.inputs import RenditionInput
from services.generator.generators.rendition.rules import DEFAULT_FORMATS
from services.generator.generators.rendition.sources import told_of, visual_source
from shared.errors import InvalidInputError
from shared.generators import AssetFile, GeneratorContext

_WIDTH: Final = 1024
_DARK, _LIGHT = "#000000", "#ffffff"
_LOGO_SHARE: Final = 0.23
_LOGO_PIXELS: Final = 512
_SEAM: Final = 0.4
_LEAST: Final = 2
"""Pixels of a module; scanners see no fewer."""


class _Layout(NamedTuple):
    """In pixels: the side of all, of one module, and the way to the first one."""

    side: int
    module: int
    offset: int

    def middle(self, share: int) -> tuple[int, int]:
        """Where a square of so many modules begins, and its side."""
        side = share * self.module
        return (self.side - side) // 2, side


async def code(asked: RenditionInput, context: GeneratorContext) -> list[AssetFile]:
    """One picture."""
    begun = perf_counter()
    logo = _logo(asked, context)
    level = asked.error_level or ("H" if logo else "M")
    matrix = _matrix(asked.text or "", level)
    layout = _layout(len(matrix), asked)
    kind = asked.format or DEFAULT_FORMATS["qr"]
    path = context.scratch / f"qr.{kind}"
    free = 0
    if logo is not None:
        matrix, free = modules.cleared(matrix, _LOGO_SHARE)
    shapes = modules.shapes(matrix, asked.modules, layout.module, layout.offset)
    how = ((layout.side,) * 2, shapes, asked.color or _DARK, asked.background or _LIGHT)
    picture = drawing.raster(*how, finest=1 if kind == "svg" else drawing.FINEST)
    if logo is not None:
        _put(logo, picture, *layout.middle(free))
    if kind == "svg":
        over = _embedded(logo, *layout.middle(free)) if logo else ""
        path.write_text(drawing.svg(*how, seam=_SEAM, over=over))
    else:
        drawing.save(picture, path)
    provenance: dict[str, Any] = {
        "error_level": level,
        "modules": len(matrix),
        "stages": {"drawing": round(perf_counter() - begun, 4)},
    }
    return [AssetFile(path, filename=path.name, provenance=provenance, picture=picture)]


def _matrix(text: str, level: str) -> list[list[bool]]:
    encoding = None if text.isascii() else "utf-8"
    try:
        made = segno.make_qr(text, error=level, encoding=encoding, boost_error=False)
    except segno.DataOverflowError as error:
        size = len(text.encode())
        raise InvalidInputError(
            f"text: its {size:,} bytes do not fit into a QR code of the error level {level}: "
            "shorten it, or take a lower level"
        ) from error
    return [[bool(cell) for cell in row] for row in made.matrix]


def _layout(size: int, asked: RenditionInput) -> _Layout:
    """Modules of whole pixels; what is left over goes to the border."""
    side, whole = asked.width or _WIDTH, size + 2 * asked.border
    module = side // whole
    if module < _LEAST:
        raise InvalidInputError(
            f"width: this text needs {whole} modules, and so {whole * _LEAST} pixels at least"
        )
    return _Layout(side, module, (side - module * size) // 2)


def _logo(asked: RenditionInput, context: GeneratorContext) -> Image.Image | None:
    if asked.source is None:
        return None
    source = visual_source(asked.source, context.input_file(asked.source))
    if source.media_type not in PICTURES:
        raise InvalidInputError(f"source: a logo is a picture, not {source.media_type}")
    with told_of(asked.source), opening.opened(source.file.path, source.media_type) as picture:
        return opening.reduced(picture, _LOGO_PIXELS).convert("RGBA")


def _fitted(logo: Image.Image, side: int) -> tuple[Image.Image, int, int]:
    """As large as fits into the free square with a little room, and where in it."""
    small = logo.copy()
    room = max(1, round(side * 0.86))
    share = room / max(small.size)
    size = (max(1, round(small.width * share)), max(1, round(small.height * share)))
    small = small.resize(size, Image.Resampling.LANCZOS)
    return small, (side - small.width) // 2, (side - small.height) // 2


def _put(logo: Image.Image, picture: Image.Image, place: int, side: int) -> None:
    small, left, top = _fitted(logo, side)
    picture.paste(small, (place + left, place + top), small)


def _embedded(logo: Image.Image, place: int, side: int) -> str:
    small, left, top = _fitted(logo, side)
    made = BytesIO()
    logo.save(made, format="PNG", optimize=True)
    data = base64.b64encode(made.getvalue()).decode()
    return (
        f'<image x="{place + left}" y="{place + top}" width="{small.width}" '
        f'height="{small.height}" href="data:image/png;base64,{data}"/>'
    )
