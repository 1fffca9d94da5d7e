"""What one can ask of a report: sections of blocks."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, model_validator

from services.generator.generators.chart.inputs import ChartInput
from services.generator.generators.document.fields import CLOSED, Day, Line, Lines, Text
from shared.generators import AssetId

Cell = Annotated[Line, Field(max_length=500)]
Item = Annotated[Line, Field(max_length=1000)]
Row = Annotated[list[Cell], Field(max_length=12)]

_NEEDS: Final = {
    "paragraph": "text",
    "quote": "text",
    "callout": "text",
    "bullets": "items",
    "numbers": "items",
    "table": "rows",
    "image": "image",
    "chart": "chart",
}


class Block(BaseModel):
    """One thing on a page; `type` says which of the other fields it needs."""

    model_config = CLOSED

    type: Literal[
        "paragraph", "quote", "callout", "bullets", "numbers", "table", "image", "chart", "break"
    ] = Field(
        default="paragraph",
        description="What it is; break begins a new page.",
        examples=["paragraph"],
    )
    text: Lines = Field(
        default="",
        max_length=10_000,
        description="Of a paragraph, quote or callout; an empty line begins a new paragraph.",
        examples=["Revenue grew by a third, and costs did not."],
    )
    items: list[Item] = Field(
        default=[],
        max_length=100,
        description="Of bullets and numbers.",
        examples=[["Faster builds", "Fewer incidents"]],
    )
    columns: list[Cell] = Field(
        default=[],
        max_length=12,
        description="The head of a table.",
        examples=[["Region", "Revenue"]],
    )
    rows: list[Row] = Field(
        default=[],
        max_length=1000,
        description="Of a table; columns of numbers are set to the right.",
        examples=[[["Europe", "12.4"], ["Asia", "9.1"]]],
    )
    image: AssetId | None = Field(
        default=None,
        description="A PNG, JPEG, WebP or GIF: the id of an upload or of another job.",
        examples=["0199c3a0-0000-7000-8000-000000000001"],
    )
    chart: ChartInput | None = Field(
        default=None,
        description="A chart, with the same fields as the generator chart has.",
        examples=[
            {"kind": "bar", "title": "x", "labels": ["a"], "series": [{"values": [1]}]},
        ],
    )
    caption: Line = Field(
        default="",
        max_length=300,
        description="Under a table, image or chart.",
        examples=["Revenue by region"],
    )
    alt: Line = Field(
        default="",
        max_length=300,
        description="What an image shows, for those who do not see it.",
        examples=["A map of the three regions"],
    )

    @model_validator(mode="after")
    def _complete(self) -> "Block":
        needed = _NEEDS.get(self.type)
        if needed and not getattr(self, needed):
            raise ValueError(f"{needed}: a block of type {self.type} needs it")
        widths = {len(row) for row in self.rows}
        if self.columns:
            widths.add(len(self.columns))
        if len(widths) > 1 or 0 in widths:
            raise ValueError(f"rows: all rows and columns need as many cells, these have {widths}")
        return self


class Section(BaseModel):
    """A heading with what belongs to it."""

    model_config = CLOSED

    heading: Text = Field(
        min_length=1, max_length=200, description="On top.", examples=["Where we stand"]
    )
    level: Literal[1, 2, 3] = Field(
        default=1, description="1 for a chapter, 2 and 3 for what is in it.", examples=[1]
    )
    blocks: list[Block] = Field(
        default=[],
        max_length=100,
        description="What stands under it, in order.",
        examples=[[{"type": "paragraph", "text": "A good year."}]],
    )


class Report(BaseModel):
    """A report with a title page, contents and numbered pages."""

    model_config = CLOSED

    title: Text = Field(
        min_length=1, max_length=160, description="Its title.", examples=["Annual report 2025"]
    )
    subtitle: Line = Field(
        default="", max_length=240, description="Under the title.", examples=["Results and outlook"]
    )
    author: Line = Field(
        default="", max_length=120, description="Who wrote it.", examples=["Ada Lovelace"]
    )
    organisation: Line = Field(
        default="", max_length=120, description="Who publishes it.", examples=["Northwind"]
    )
    date: Day = Field(description="When it was published.", examples=["2026-01-31"])
    summary: Lines = Field(
        default="",
        max_length=3000,
        description="What matters, on a page of its own with the contents.",
        examples=["We grew in every region."],
    )
    contents: bool = Field(
        default=True, description="Whether there is a table of contents.", examples=[True]
    )
    numbered: bool = Field(
        default=True, description="Whether headings are numbered.", examples=[True]
    )
    sections: list[Section] = Field(
        min_length=1,
        max_length=100,
        description="The text.",
        examples=[[{"heading": "Where we stand", "blocks": [{"text": "A good year."}]}]],
    )

    @model_validator(mode="after")
    def _orderly(self) -> "Report":
        self._check_size()
        before = 0
        for index, section in enumerate(self.sections):
            if section.level > before + 1:
                raise ValueError(
                    f"sections[{index}].level: {section.level} cannot follow {before or 'nothing'}"
                )
            before = section.level
        return self

    def _check_size(self) -> None:
        blocks = [block for section in self.sections for block in section.blocks]
        cells = [cell for block in blocks for row in block.rows for cell in row]
        items = sum(len(item) for block in blocks for item in block.items)
        letters = sum(len(block.text) for block in blocks) + items
        breaks = sum(block.text.count("\n") for block in blocks)
        drawn = sum(block.type in {"chart", "image"} for block in blocks)
        for what, found, most in (
            ("characters of text", letters, 1_000_000),
            ("lines that end before the margin", breaks, 10_000),
            ("items of lists", sum(len(block.items) for block in blocks), 10_000),
            ("characters in tables", sum(map(len, cells)), 200_000),
            ("cells of tables", len(cells), 30_000),
            ("images and charts", drawn, 100),
        ):
            if found > most:
                raise ValueError(f"sections: a report may have {most} {what}, these are {found}")
