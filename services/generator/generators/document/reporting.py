"""A report as its template reads it: pictures and charts become files beside it."""

import math
import re
from pathlib import Path
from typing import Any, Final

from services.generator.generators.document import locales
from services.generator.generators.document.locales import Locale
from services.generator.generators.document.pictures import Pictures
from services.generator.generators.document.reports import Block, Report

_NUMERIC: Final = re.compile(
    r"[-+−]?[\s€$£¥₹]*[-+−]?\d[\d.,'\s\u00a0]*\s*(%|[€$£¥₹]|[A-Za-z]{1,4})?"
)


def described(report: Report, locale: Locale, pictures: Pictures, scratch: Path) -> dict[str, Any]:
    """Its texts, in the order of the pages."""
    return {
        "title": report.title,
        "subtitle": report.subtitle,
        "author": report.author,
        "organisation": report.organisation,
        "date": locales.day(report.date, locale),
        "summary": paragraphs(report.summary),
        "contents": report.contents,
        "numbered": report.numbered,
        "sections": [
            {
                "heading": section.heading,
                "level": section.level,
                "blocks": [
                    _block(block, f"sections[{at}].blocks[{index}]", pictures, scratch)
                    for index, block in enumerate(section.blocks)
                ],
            }
            for at, section in enumerate(report.sections)
        ],
    }


def paragraphs(text: str) -> list[str]:
    """Split at empty lines."""
    return [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]


def _block(block: Block, field: str, pictures: Pictures, scratch: Path) -> dict[str, Any]:
    data: dict[str, Any] = {"type": block.type, "caption": block.caption}
    match block.type:
        case "paragraph" | "quote" | "callout":
            data["text"] = paragraphs(block.text)
        case "bullets" | "numbers":
            data["items"] = list(block.items)
        case "table":
            data |= {"columns": list(block.columns), "rows": [list(row) for row in block.rows]}
            data["numeric"] = _numeric(block.rows)
            data["widths"] = _widths(block, data["numeric"])
        case "image" if block.image:
            data["file"] = pictures.add(block.image, f"{field}.image")
            data["alt"] = block.alt or block.caption or "image"
        case "chart" if block.chart:
            data["file"] = pictures.add_bytes(_chart(block, scratch), "svg")
            data["alt"] = block.alt or block.chart.title
    return data


def _numeric(rows: list[list[str]]) -> list[bool]:
    """Which columns hold only numbers, and so are set to the right."""
    cells = zip(*rows, strict=True)
    return [
        any(column) and all(not cell or _NUMERIC.fullmatch(cell) for cell in column)
        for column in map(list, cells)
    ]


def _widths(block: Block, numeric: list[bool]) -> list[float | None]:
    """Shares of the page, by what is in a column; None: as wide as its numbers are."""
    columns = list(zip(*([block.columns] if block.columns else []), *block.rows, strict=True))
    longest = [max(map(len, column)) for column in columns]
    if not all(numeric) and len(columns) <= 6:
        return [
            None if number and length <= 14 else _share(length)
            for number, length in zip(numeric, longest, strict=True)
        ]
    return [_share(length) for length in longest]


def _share(length: int) -> float:
    return round(math.pow(max(4, min(length, 60)), 0.75), 2)


def _chart(block: Block, scratch: Path) -> bytes:
    """As SVG, which stays sharp at any size."""
    # Only who sets a chart needs what draws one.
    from services.generator.generators.chart import drawing, wording  # noqa: PLC0415

    assert block.chart is not None
    chart, fonts = wording.drawable(block.chart)
    return drawing.Press(drawing.laid_out(chart), fonts, scratch).printed("svg")
