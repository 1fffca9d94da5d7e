"""Typst templates, set with exactly the fonts that were chosen.

User text travels as JSON in the system inputs (`json(bytes(sys.inputs.data))`) and is never part of
the program. Templates are ours; Typst can read nothing but the generators' own files, or (where a
template was put beside an attempt's files) nothing outside of that folder.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, cast

import typst

from services.generator.generators.typography.faces import FontChoice

Format = Literal["png", "pdf", "svg"]
PdfStandard = Literal["1.7", "2.0", "a-2a", "a-2b", "a-2u", "a-3a", "a-3b", "a-3u", "a-4", "ua-1"]

ROOT: Final = Path(__file__).parents[1]
"""What templates in it may import: `/typography/fitting.typ`."""

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The date inside of what is set, unless its input has one: the same input, the same bytes."""


def typeset(
    template: Path,
    data: Mapping[str, Any],
    fonts: FontChoice,
    scratch: Path,
    *,
    format: Format = "png",
    ppi: float = 72,
    pdf_standards: tuple[PdfStandard, ...] = (),
    date: datetime = EPOCH,
) -> list[bytes]:
    """The pages of `template` as it reads `data`: one PNG or SVG a page, or one PDF of all."""
    compiled = typst.compile(
        template,
        root=ROOT if template.is_relative_to(ROOT) else template.parent,
        format=format,
        ppi=ppi,
        font_paths=_exactly(fonts, scratch),
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=list(pdf_standards),
        timestamp=int(date.timestamp()),
    )
    # One page is answered as bytes, several as a list; its annotations know the first only.
    pages = cast("bytes | list[bytes]", compiled)
    return pages if isinstance(pages, list) else [pages]


def _exactly(fonts: FontChoice, scratch: Path) -> typst.Fonts:
    """These files and no others: Typst takes folders, so a folder of links is made for it."""
    folder = scratch / "fonts"
    folder.mkdir(exist_ok=True)
    for path in fonts.files:
        link = folder / path.name
        if not link.exists():
            link.symlink_to(path)
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)]
    )
